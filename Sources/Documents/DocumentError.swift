/// Why a document could not be written. The text is for the log.
public enum DocumentError: Error, Equatable {
    /// The creation date is before 1970 or after 9999.
    case invalidDate
    /// Cairo or Pango gave up, most likely for want of memory.
    case failed(String)
}
