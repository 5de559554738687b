/// What an invoice's sheet says, as text: every amount, date and label is already written as the customer reads it.
///
/// Empty texts and lists take no room. Any text may hold any characters: control characters are left out, and a line
/// feed begins a new line.
public struct InvoiceDocument: Sendable {
    /// A label and what belongs to it: "Due" and "31 March 2026".
    public struct Fact: Sendable {
        public var label: String
        public var value: String

        public init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    /// What has become of it, in a word: "PAID", "VOID".
    public struct Stamp: Sendable {
        public enum Tone: Sendable {
            case good, warning, bad
        }

        public var text: String
        public var tone: Tone

        public init(_ text: String, _ tone: Tone) {
            self.text = text
            self.tone = tone
        }
    }

    /// A row of the table. A column in which every row is empty is left out.
    public struct Line: Sendable {
        public var description: String
        /// Below the description, in smaller print: "1,204 events, 1 to 28 February".
        public var detail: String
        public var quantity: String
        public var unitPrice: String
        public var amount: String
        public var discount: String
        public var tax: String
        public var total: String

        public init(
            _ description: String,
            detail: String = "",
            quantity: String = "",
            unitPrice: String = "",
            amount: String = "",
            discount: String = "",
            tax: String = "",
            total: String = ""
        ) {
            self.description = description
            self.detail = detail
            self.quantity = quantity
            self.unitPrice = unitPrice
            self.amount = amount
            self.discount = discount
            self.tax = tax
            self.total = total
        }
    }

    /// A row below the table.
    public struct Total: Sendable {
        public var label: String
        public var amount: String
        /// Whether this is the one that the reader looks for.
        public var isMain: Bool

        public init(_ label: String, _ amount: String, isMain: Bool = false) {
            self.label = label
            self.amount = amount
            self.isMain = isMain
        }
    }

    /// Where to pay. Only an `http` or `https` address can be clicked.
    public struct Payment: Sendable {
        public var label: String
        public var url: String

        public init(_ label: String, url: String) {
            self.label = label
            self.url = url
        }
    }

    /// "Invoice", "Credit note", …
    public var title: String
    public var number: String
    /// The language of the labels, as BCP 47 has it: "en", "de-AT". It also chooses between forms of a letter.
    public var language = "en"
    public var stamp: Stamp?
    /// The first line is the name, and stands at the head of the sheet too.
    public var seller: [String] = []
    public var customer: [String] = []
    /// Dates, the period, the invoice that this one corrects, in the order to show.
    public var facts: [Fact] = []
    /// What the reader wants to know first: "$1,234.00 due 31 March 2026".
    public var headline = ""
    public var payment: Payment?
    public var lines: [Line] = []
    public var totals: [Total] = []
    public var notes: [String] = []

    public init(title: String, number: String) {
        self.title = title
        self.number = number
    }
}
