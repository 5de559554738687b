import CCurl

/// One thread's libcurl handle. It keeps connections, names and TLS sessions from one request to the next,
/// and nothing else: no cookies, no credentials.
///
/// libcurl itself sends a request once more, also a POST, when a kept connection turns out to have been
/// closed by the peer before a byte of the answer came.
final class Transfer: @unchecked Sendable {  // made by one thread, then used by another one alone
    let handle: UnsafeMutableRawPointer
    private let message = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private let answerLimit: Int
    private let caFile: String?
    /// What libcurl points to from ``prepare(_:milliseconds:pinned:)`` until ``finish(_:)``.
    private var answer: Answer?
    private var pin: Pin?
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// Throws `OutboundError.unreachable` if libcurl cannot be set up.
    init(answerLimit: Int, caFile: String?) throws {
        guard Curl.isReady, let handle = curl_easy_init() else {
            throw OutboundError.unreachable("libcurl cannot be set up")
        }
        self.handle = handle
        self.answerLimit = answerLimit
        self.caFile = caFile
    }

    deinit {
        curl_easy_cleanup(handle)
        freeLists()
        message.deallocate()
    }

    /// Blocks until there is an answer, an error, or the time is over. What is sent has been checked.
    /// Throws `OutboundError`, for a mail also `MailRefusal`.
    func perform(_ parcel: Parcel, milliseconds: Int) throws -> OutboundResponse {
        switch parcel {
        case .request(let request):
            try prepare(request, milliseconds: milliseconds, pinned: nil)
            return try perform()
        case .mail(let mail):
            clear()
            return try perform(mail, milliseconds: milliseconds)
        }
    }

    /// The same for a request that was prepared.
    func perform() throws -> OutboundResponse {
        try finish(curl_easy_perform(handle))
    }

    /// Sets the request, for ``perform(_:milliseconds:)`` or for whoever drives many handles at once.
    ///
    /// - Parameter pinned: connects to these addresses only, whatever the name leads to by now, and takes what fits of
    ///   an answer that is too long. Throws `OutboundError`.
    func prepare(_ request: OutboundRequest, milliseconds: Int, pinned: Pin?) throws {
        clear()
        let options = Curl.Options(handle: handle)
        let answer = Answer(bodyLimit: answerLimit)
        (self.answer, pin) = (answer, pinned)
        try restrict(options, to: "http,https")
        try options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        try options.set(CURLOPT_TIMEOUT_MS, milliseconds)
        try options.set(CURLOPT_CONNECTTIMEOUT_MS, min(milliseconds, request.connectMilliseconds))
        try options.set(CURLOPT_HTTPHEADER, list: list(of: Self.headerLines(of: request)))
        if let pinned {
            try options.set(CURLOPT_RESOLVE, list: list(of: [pinned.line]))
            try options.set(CURLOPT_OPENSOCKETDATA, pointer: Unmanaged.passUnretained(pinned).toOpaque())
            try options.set(CURLOPT_OPENSOCKETFUNCTION) { context, _, address in Pin.open(context, address) }
        } else {
            try options.set(CURLOPT_MAXFILESIZE_LARGE, offset: answerLimit)
        }
        try receive(into: answer, options)
        try send(request, options)
    }

    /// What came of it. Throws `OutboundError`.
    func finish(_ code: CURLcode) throws -> OutboundResponse {
        guard let answer else { throw OutboundError.unreachable("nothing was sent") }
        let options = Curl.Options(handle: handle)
        let isCut = pin != nil && answer.isTooLarge && answer.hasBody
        guard code == CURLE_OK || isCut else {
            throw failure(code, answer, sent: options.get(CURLINFO_REQUEST_SIZE) > 0)
        }
        return OutboundResponse(
            status: options.get(CURLINFO_RESPONSE_CODE),
            headers: answer.headers,
            body: answer.body
        )
    }

    func restrict(_ options: Curl.Options, to protocols: String) throws {
        try options.set(CURLOPT_NOSIGNAL, 1)
        try options.set(CURLOPT_ERRORBUFFER, pointer: message.baseAddress)
        try options.set(CURLOPT_PROTOCOLS_STR, protocols)
        try options.set(CURLOPT_FOLLOWLOCATION, 0)
        try options.set(CURLOPT_NOPROXY, "*")
        try options.set(CURLOPT_NETRC, 0)
        try options.set(CURLOPT_SSL_VERIFYPEER, 1)
        try options.set(CURLOPT_SSL_VERIFYHOST, 2)
        try options.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile {
            // Whoever names an authority wants that one, not the system's beside it.
            try options.set(CURLOPT_CAINFO, caFile)
            try options.set(CURLOPT_CAPATH, nil)
        }
    }

    private func receive(into answer: Answer, _ options: Curl.Options) throws {
        let context = Unmanaged.passUnretained(answer).toOpaque()
        try options.set(CURLOPT_WRITEDATA, pointer: context)
        try options.set(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            Transfer.hand(bytes, size * count, to: context, Answer.takeBody)
        }
        try options.set(CURLOPT_HEADERDATA, pointer: context)
        try options.set(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            Transfer.hand(bytes, size * count, to: context, Answer.takeHeader)
        }
    }

    /// libcurl stops when told of another length than it gave; -1 is one for any length, zero too.
    private static func hand(
        _ bytes: UnsafeMutablePointer<CChar>?,
        _ count: Int,
        to context: UnsafeMutableRawPointer?,
        _ take: (Answer) -> (UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let context else { return -1 }
        let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
        return take(answer)(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : -1
    }

    private func send(_ request: OutboundRequest, _ options: Curl.Options) throws {
        try options.set(CURLOPT_URL, request.url)
        let wantsBody = [.post, .put, .patch].contains(request.method)
        guard let body = request.body ?? (wantsBody ? [] : nil) else {
            if request.method == .head { try options.set(CURLOPT_NOBODY, 1) }
            try options.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            return
        }
        try options.set(CURLOPT_POST, 1)
        try options.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        try options.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
        // libcurl copies it. An empty body needs a pointer too: a missing one means "read it from a callback".
        try (body.isEmpty ? [0] : body).withUnsafeBytes { bytes in
            try options.set(CURLOPT_COPYPOSTFIELDS, pointer: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
        }
    }

    private static func headerLines(of request: OutboundRequest) -> [String] {
        var lines = request.headers.map { name, value in value.isEmpty ? "\(name);" : "\(name): \(value)" }
        // What libcurl would add by itself: a wait for "100 Continue", and a content type nobody chose.
        lines.append("Expect:")
        if !request.headers.contains(where: { $0.0.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        return lines
    }

    /// Kept until the next request is prepared.
    private func list(of lines: [String]) throws -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw OutboundError.unreachable("out of memory")
            }
            list = longer
        }
        if let list { lists.append(list) }
        return list
    }

    private func clear() {
        curl_easy_reset(handle)
        freeLists()
        message.update(repeating: 0)
    }

    private func freeLists() {
        lists.forEach { curl_slist_free_all($0) }
        lists = []
    }

    private func failure(_ code: CURLcode, _ answer: Answer, sent: Bool) -> OutboundError {
        if answer.isTooLarge || code == CURLE_FILESIZE_EXCEEDED { return .answerTooLarge }
        return broken(code, sent: sent)
    }

    /// - Parameter sent: whether the other side may have acted on what it got.
    func broken(_ code: CURLcode, sent: Bool, _ reply: String = "") -> OutboundError {
        if code == CURLE_OPERATION_TIMEDOUT { return .timedOut(sent: sent) }
        let said = message.baseAddress.map { String(cString: $0) } ?? ""
        let sentence = (said.isEmpty ? String(cString: curl_easy_strerror(code)) : said) + reply
        return sent ? .interrupted(sentence) : .unreachable(sentence)
    }
}
