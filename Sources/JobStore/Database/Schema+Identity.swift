extension Schema {
  /// Migration "identity": which piece of hardware a machine is bound to. A row goes when its machine gets another port.
  static let identityTables = [
    """
    CREATE TABLE machineIdentity (
      machine TEXT NOT NULL PRIMARY KEY REFERENCES machine (name) ON DELETE CASCADE,
      usbID TEXT CHECK (usbID <> ''),
      serialNumber TEXT CHECK (serialNumber <> ''),
      isSerialShared INTEGER NOT NULL CHECK (isSerialShared IN (0, 1)),
      interface INTEGER CHECK (interface BETWEEN 0 AND 255),
      place TEXT NOT NULL CHECK (place <> ''),
      idPath TEXT CHECK (idPath <> ''),
      portNumber INTEGER CHECK (portNumber BETWEEN 0 AND 255),
      path TEXT NOT NULL CHECK (path <> ''),
      words TEXT NOT NULL,
      firmwareUUID TEXT CHECK (firmwareUUID <> ''),
      firmwareName TEXT CHECK (firmwareName <> ''),
      doubt TEXT CHECK (doubt <> ''),
      boundAt INTEGER NOT NULL,
      boundBy TEXT NOT NULL CHECK (boundBy <> '')
    ) STRICT, WITHOUT ROWID
    """
  ]
}
