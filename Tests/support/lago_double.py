"""A double of Lago's API for events and current usage, in its shapes, with faults on demand. Standard library only."""

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

API_KEY = "lago-key-for-tests"


class LagoDouble:
    """Listens on loopback at `url`. `events` are those it took, by transaction id."""

    def __init__(self):
        self.events, self.batches, self.asked = {}, [], 0
        # Metrics that it does not know; what other systems told it of accounts, by account and code.
        self.unknown_codes, self.others = set(), defaultdict(lambda: defaultdict(int))
        # Answered instead of acting; and whether it acts and then says nothing.
        self.status, self.loses_answers = None, 0
        self.period_start = "2000-01-01T00:00:00Z"
        self.lock = threading.Lock()

    def __enter__(self):
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                double.usage(self)

            def do_POST(self):
                double.batch(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def settings(self):
        return {"LAGO_API_URL": self.url, "LAGO_API_KEY": API_KEY}

    def units(self, account, code):
        with self.lock:
            own = sum(event["properties"]["quantity"] for event in self.events.values()
                      if (event["external_subscription_id"], event["code"]) == (str(account), code))
            return own + self.others[str(account)][code]

    def batch(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if self.refuses(request):
            return
        assert urlsplit(request.path).path == "/api/v1/events/batch"
        events = json.loads(body)["events"]
        with self.lock:
            self.batches.append(events)
            faults = {}
            for position, event in enumerate(events):
                assert set(event) == {"transaction_id", "external_subscription_id", "code", "timestamp", "properties"}
                float(event["timestamp"])
                if event["transaction_id"] in self.events:
                    faults[str(position)] = {"transaction_id": ["value_already_exist"]}
                elif event["code"] in self.unknown_codes:
                    faults[str(position)] = {"code": ["metric_not_found"]}
            if len(events) > 100:
                answer = 422, {"events": ["too_many_events"]}
            elif faults:
                answer = 422, faults
            else:
                self.events |= {event["transaction_id"]: event for event in events}
                answer = 200, None
            lost, self.loses_answers = self.loses_answers > 0, max(0, self.loses_answers - 1)
        if lost:
            request.close_connection = True
            request.connection.shutdown(2)
        elif answer[0] == 200:
            self.say(request, 200, {"events": events})
        else:
            self.say(request, 422, {"status": 422, "error": "Unprocessable Entity", "code": "validation_errors",
                                    "error_details": answer[1]})

    def usage(self, request):
        self.asked += 1
        if self.refuses(request):
            return
        target = urlsplit(request.path)
        _, api, version, customers, account, word = target.path.split("/")
        assert (api, version, customers, word) == ("api", "v1", "customers", "current_usage")
        assert parse_qs(target.query)["external_subscription_id"] == [account]
        codes = {event["code"] for event in self.events.values()} | set(self.others[account])
        self.say(request, 200, {"customer_usage": {
            "from_datetime": self.period_start, "to_datetime": "2100-01-01T00:00:00Z", "currency": "USD",
            "amount_cents": 0, "total_amount_cents": 0, "taxes_amount_cents": 0,
            "charges_usage": [{"units": f"{self.units(account, code)}.0", "events_count": 1, "amount_cents": 0,
                               "amount_currency": "USD", "charge": {"lago_id": "c", "charge_model": "standard"},
                               "billable_metric": {"lago_id": "m", "name": code, "code": code,
                                                   "aggregation_type": "sum_agg"}} for code in sorted(codes)]}})

    def refuses(self, request):
        if request.headers.get("Authorization") != f"Bearer {API_KEY}":
            self.say(request, 401, {"status": 401, "error": "Unauthorized"})
        elif self.status:
            self.say(request, self.status, {"status": self.status, "error": "a fault"})
        else:
            return False
        return True

    def say(self, request, status, body):
        data = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)
