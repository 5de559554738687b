import CCurl
import Glibc

extension Transfer {
    /// Until the server has taken the mail. The connection is kept for the next one, but not for long: servers
    /// count those that idle.
    func perform(_ mail: OutboundMail, milliseconds: Int) throws -> OutboundResponse {
        let options = Curl.Options(handle: handle)
        let dialogue = MailDialogue(mail.message)
        guard let recipients = curl_slist_append(nil, "<\(mail.to.address)>") else {
            throw OutboundError.unreachable("out of memory")
        }
        defer { curl_slist_free_all(recipients) }
        try restrict(options, to: "smtp,smtps")
        try options.set(CURLOPT_TIMEOUT_MS, milliseconds)
        try options.set(CURLOPT_CONNECTTIMEOUT_MS, min(milliseconds, mail.connectMilliseconds))
        // After a refusal libcurl says goodbye, and waits so long to hear it back.
        try options.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, (milliseconds + 999) / 1000)
        try options.set(CURLOPT_MAXAGE_CONN, 20)
        try options.set(CURLOPT_URL, mail.server.url)
        let tls = mail.server.tls == .required ? CURLUSESSL_ALL : CURLUSESSL_TRY
        try options.set(CURLOPT_USE_SSL, Int(tls.rawValue))
        try options.set(CURLOPT_USERNAME, mail.server.user)
        try options.set(CURLOPT_PASSWORD, mail.server.password)
        try options.set(CURLOPT_MAIL_FROM, "<\(mail.from.address)>")
        try options.set(CURLOPT_MAIL_RCPT, list: recipients)
        try options.set(CURLOPT_UPLOAD, 1)
        try options.set(CURLOPT_INFILESIZE_LARGE, offset: mail.message.count)
        try connect(dialogue, options)

        let code = withExtendedLifetime(dialogue) { curl_easy_perform(handle) }
        guard code == CURLE_OK else {
            // libcurl 7.88 keeps the connection when the receipt is late, and would take that for the next mail's.
            if let socket = options.lastSocket { shutdown(socket, Int32(SHUT_RDWR)) }
            throw refusal(code, options.get(CURLINFO_RESPONSE_CODE), dialogue)
        }
        return OutboundResponse(status: options.get(CURLINFO_RESPONSE_CODE), headers: [], body: [])
    }

    private func connect(_ dialogue: MailDialogue, _ options: Curl.Options) throws {
        let context = Unmanaged.passUnretained(dialogue).toOpaque()
        try options.set(CURLOPT_READDATA, pointer: context)
        try options.set(CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
            let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return Unmanaged<MailDialogue>.fromOpaque(context).takeUnretainedValue().give(into: room)
        }
        // libcurl shows each reply of the server as it would a header.
        for (data, function) in [
            (CURLOPT_HEADERDATA, CURLOPT_HEADERFUNCTION), (CURLOPT_WRITEDATA, CURLOPT_WRITEFUNCTION),
        ] {
            try options.set(data, pointer: context)
            try options.set(function) { bytes, size, count, context in
                guard let context else { return -1 }
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                Unmanaged<MailDialogue>.fromOpaque(context).takeUnretainedValue().take(line)
                return size * count
            }
        }
    }

    /// What the server refused: this mail, or us.
    ///
    /// - Parameter reply: the code of its last reply; 0 before the first.
    private func refusal(_ code: CURLcode, _ reply: Int, _ dialogue: MailDialogue) -> any Error {
        // "Closing down", and what a server says to somebody who should have logged in or begun TLS (RFC 4954).
        let isOfUs = [421, 530, 534, 535, 538].contains(reply)
        // libcurl's word for a no to MAIL, RCPT or DATA, and for a no to the message itself.
        let isOfMail = code == CURLE_SEND_ERROR || (code == CURLE_WEIRD_SERVER_REPLY && dialogue.isRead)
        if isOfMail, !isOfUs, (400...599).contains(reply) {
            return MailRefusal(code: reply, reply: dialogue.lastReply)
        }
        // With a reply to the message there is no doubt that it was not taken.
        return broken(code, sent: dialogue.isRead && !(400...599).contains(reply), " (\(dialogue.lastReply))")
    }
}

/// Both sides of one mail's transfer: our message as libcurl reads it, and the server's replies.
final class MailDialogue {
    private let message: [UInt8]
    private var given = 0
    /// Printable ASCII, at most 400 columns: replies are shown to operators.
    private(set) var lastReply = ""

    init(_ message: [UInt8]) {
        self.message = message
    }

    /// Whether libcurl has read the message to its end; it may then have reached the server.
    private(set) var isRead = false

    func give(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, message.count - given)
        message.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[given..<(given + count)])) }
        given += count
        isRead = given == message.count
        return count
    }

    func take(_ line: UnsafeRawBufferPointer) {
        let shown = line.filter { (32...126).contains($0) }.prefix(400)
        // What follows a refusal is the goodbye.
        if !shown.isEmpty, !shown.starts(with: "221".utf8) { lastReply = String(decoding: shown, as: UTF8.self) }
    }
}
