extension FileInspection {
  /// The refusal for each kind of file that is not G-code.
  static func problem(_ kind: Kind) -> FileProblem? {
    guard let (code, sentence) = refusal(kind) else { return nil }
    return FileProblem(code: code, severity: .refused, sentence: sentence)
  }

  private static func refusal(_ kind: Kind) -> (code: String, sentence: String)? {
    switch kind {
    case .text: nil
    case .empty: ("file.empty", "The file is empty. Export it from the slicer again.")
    case .zeros:
      (
        "file.zeros",
        "The file holds nothing but NUL bytes, as an interrupted copy or a power cut leaves it. Export or copy it again."
      )
    case .binaryGCode:
      (
        "file.binaryGCode",
        "The file is binary G-code (.bgcode). Turn off 'Supports binary G-code' in the slicer's printer settings"
          + " (PrusaSlicer: Printers > General > Firmware; also Preferences > Other > 'Use binary G-code when the printer"
          + " supports it'), slice again and submit the text file."
      )
    case .gzip:
      (
        "file.gzip",
        "The file is compressed with gzip. Unpack it with `gunzip`, or save it from Cura as 'G-code File (*.gcode)'"
          + " instead of 'Compressed G-code File (*.gcode.gz)'."
      )
    case .zip:
      (
        "file.zip",
        "The file is a ZIP archive (3MF, UFP or similar), not G-code. Export plain G-code: in Cura choose 'G-code"
          + " File' instead of UFP, in OrcaSlicer 'Export G-code' instead of 'Export plate sliced file'."
      )
    case .stl:
      ("file.stl", "The file is an STL model. Slice it first; the slicer's export is what a printer takes.")
    case .model:
      (
        "file.model",
        "The file is a drawing or a 3D model (STEP, OBJ, SVG or similar), not G-code. Slice it first."
      )
    case .archive: ("file.archive", "The file is a compressed archive, not G-code. Unpack it first.")
    case .document: ("file.document", "The file is a picture or a document, not G-code.")
    case .program: ("file.program", "The file is a computer program, not G-code.")
    case .webPage:
      ("file.webPage", "The file is a web page, not G-code: the download went wrong. Download it again.")
    case .utf16:
      (
        "file.utf16",
        "The file is text in UTF-16. Save it as UTF-8 or plain ASCII; the slicer's own export is."
      )
    case .binary: ("file.binary", "The file is binary data, not G-code text.")
    }
  }
}
