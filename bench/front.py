"""The nginx before every server: one configuration, one port and one upstream for each of them."""

import os
import shutil
import signal

from processes import Process, run

# More connections than the load has, so that none to a server is ever closed.
UPSTREAM = """    upstream {name} {{
        server unix:{socket};
        keepalive 256;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 1000000000;
        client_max_body_size 1m;
        client_body_buffer_size 256k;
        location / {{
{handover}
        }}
    }}
"""
PROXY = """proxy_pass http://{name};
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host $host;"""


class Front:
    """nginx with a private prefix. FastCGI servers, the ceiling too, are handed requests exactly as the product's own
    snippet says, where the repository has it."""

    def __init__(self, bench, prefix, servers):
        self.prefix, self.servers = prefix, servers
        prefix.mkdir()
        snippets = bench.parent / "nginx" / "snippets"
        fastcgi = snippets / "purser-fastcgi.conf"
        shared = "    server_tokens off;"
        if fastcgi.exists():
            shutil.copytree(snippets, prefix / "snippets")
            if (snippets / "purser-http.conf").exists():
                shared = "    include snippets/purser-http.conf;"
        else:
            fastcgi = bench / "fastcgi.conf"
        values = {
            "PREFIX": str(prefix),
            # Workers of a root's nginx would be nobody, whom a socket of mode 0660 keeps out.
            "USER": "user root;" if os.geteuid() == 0 else "",
            "HTTP": shared,
            "SERVERS": "".join(self.section(server, fastcgi.read_text()) for server in servers),
        }
        text = (bench / "nginx.conf.in").read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", value)
        (prefix / "nginx.conf").write_text(text)
        self.command = ["nginx", "-p", prefix, "-c", prefix / "nginx.conf"]
        self.process = Process(
            "nginx", self.command, prefix / "output.log", stop_signal=signal.SIGQUIT, stop_seconds_max=5
        )

    def section(self, server, fastcgi):
        handover = PROXY.format(name=server.name)
        if server.speaks_fastcgi:
            handover = fastcgi.replace("fastcgi_pass purser;", f"fastcgi_pass {server.name};")
        return UPSTREAM.format(name=server.name, socket=server.socket, port=server.port, handover=handover)

    def start(self):
        run([*self.command, "-t"])
        self.process.start()

    def stop(self):
        self.process.stop()
