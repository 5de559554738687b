import CCurl

/// libcurl's global state and its typed doors.
enum Curl {
    /// Set up once, before the first thread that uses it: `curl_global_init` is safe no later.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32)) == CURLE_OK

    /// The options of one easy handle. Each throws: a restriction that libcurl did not take must not pass unnoticed.
    struct Options {
        let handle: UnsafeMutableRawPointer

        func set(_ option: CURLoption, _ value: Int) throws {
            try check(purser_curl_set_long(handle, option, value))
        }

        func set(_ option: CURLoption, offset value: Int) throws {
            try check(purser_curl_set_offset(handle, option, curl_off_t(value)))
        }

        /// libcurl copies the text.
        func set(_ option: CURLoption, _ value: String?) throws {
            try check(purser_curl_set_string(handle, option, value))
        }

        /// libcurl keeps the pointer, which must outlive the transfer.
        func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) throws {
            try check(purser_curl_set_pointer(handle, option, value))
        }

        func set(_ option: CURLoption, list value: UnsafeMutablePointer<curl_slist>?) throws {
            try check(purser_curl_set_list(handle, option, value))
        }

        func set(_ option: CURLoption, _ value: purser_curl_data) throws {
            try check(purser_curl_set_data(handle, option, value))
        }

        func set(_ option: CURLoption, _ value: curl_opensocket_callback) throws {
            try check(purser_curl_set_opensocket(handle, option, value))
        }

        func get(_ info: CURLINFO) -> Int {
            var value = 0
            return purser_curl_get_long(handle, info, &value) == CURLE_OK ? value : 0
        }

        /// The socket that the last transfer went through; `nil` if it is closed.
        var lastSocket: Int32? {
            var socket: curl_socket_t = -1
            guard purser_curl_get_socket(handle, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK else { return nil }
            return socket >= 0 ? socket : nil
        }

        private func check(_ code: CURLcode) throws {
            guard code == CURLE_OK else {
                throw OutboundError.unreachable("libcurl: " + String(cString: curl_easy_strerror(code)))
            }
        }
    }
}
