import CCurl

/// Many transfers under way at once on one thread, by libcurl's multi interface.
///
/// One thread calls it, but for ``wake()``, which any may.
final class Multi: @unchecked Sendable {
    struct Finished {
        let handle: UnsafeMutableRawPointer
        let code: CURLcode
    }

    private let handle: UnsafeMutableRawPointer

    /// - Parameter idleConnections: kept open for the next request, at most. Throws `OutboundError.unreachable`.
    init(idleConnections: Int) throws {
        guard Curl.isReady, let handle = curl_multi_init() else {
            throw OutboundError.unreachable("libcurl cannot be set up")
        }
        self.handle = handle
        guard purser_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, idleConnections) == CURLM_OK else {
            throw OutboundError.unreachable("libcurl cannot be set up")
        }
    }

    deinit {
        curl_multi_cleanup(handle)
    }

    /// Throws `OutboundError.unreachable`.
    func add(_ transfer: Transfer) throws {
        let code = curl_multi_add_handle(handle, transfer.handle)
        guard code == CURLM_OK else {
            throw OutboundError.unreachable("libcurl: " + String(cString: curl_multi_strerror(code)))
        }
    }

    /// Breaks a transfer off, and its connection.
    func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(handle, transfer.handle)
    }

    /// Sends and receives what can be without waiting; those that have come to an end are no longer in it.
    func advance() -> [Finished] {
        var running: Int32 = 0
        curl_multi_perform(handle, &running)
        var finished: [Finished] = []
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left)?.pointee {
            guard message.msg == CURLMSG_DONE, let easy = message.easy_handle else { continue }
            curl_multi_remove_handle(handle, easy)
            finished.append(Finished(handle: easy, code: message.data.result))
        }
        return finished
    }

    /// Until a transfer can go on, or ``wake()``, or the time is over.
    func wait(milliseconds: Int32) {
        curl_multi_poll(handle, nil, 0, milliseconds, nil)
    }

    func wake() {
        curl_multi_wakeup(handle)
    }
}
