/// Why a body is not a form, with a sentence for whoever sent it.
///
/// Scope: this request. RFC 7578, RFC 2046 section 5.1.
public enum MultipartError: Error, Equatable, Sendable {
  /// The media type is not `multipart/form-data`.
  case notAForm
  /// The media type names no boundary, or one that is no boundary.
  case boundary
  /// What follows a boundary is neither the end of the line nor the end of the form.
  case delimiter
  /// More stands before the first boundary than a preamble may hold.
  case preamble
  /// A part's headers are longer than allowed.
  case headersTooLong
  /// A part's headers cannot be read.
  case headers
  /// A part has no name.
  case nameless
  /// A part is encoded for transport, which forms over HTTP are not.
  case encoded
  /// There are more parts than allowed.
  case tooManyParts
  /// A field, which is a part without a file's name, is longer than allowed.
  case fieldTooLong
  /// The body ended before the form did.
  case incomplete

  /// The stable code.
  public var code: String {
    switch self {
    case .notAForm: "form.notAForm"
    case .boundary: "form.boundary"
    case .delimiter: "form.delimiter"
    case .preamble: "form.preamble"
    case .headersTooLong: "form.headersTooLong"
    case .headers: "form.headers"
    case .nameless: "form.nameless"
    case .encoded: "form.encoded"
    case .tooManyParts: "form.tooManyParts"
    case .fieldTooLong: "form.fieldTooLong"
    case .incomplete: "form.incomplete"
    }
  }

  /// What is wrong.
  public var sentence: String {
    switch self {
    case .notAForm: "the file is sent as multipart/form-data; this body says it is something else"
    case .boundary: "the form names no usable boundary: Content-Type has one of 1 to 70 characters"
    case .delimiter: "the form is garbled: a boundary goes on where it has to end"
    case .preamble: "the form does not begin with its boundary"
    case .headersTooLong: "the form is garbled: the headers of a part do not end"
    case .headers: "the form is garbled: the headers of a part cannot be read"
    case .nameless: "the form is garbled: a part has no name"
    case .encoded: "a part is encoded for transport: send its bytes as they are"
    case .tooManyParts: "the form has too many parts"
    case .fieldTooLong: "a field of the form is too long; a file's part has a filename"
    case .incomplete: "the form broke off before its last boundary; send it again"
    }
  }
}
