"""A reply that dribbles: given up after half a minute, tried again, and given up for good."""
import time
import unittest

import esp
import replay


class Slow(unittest.TestCase):
    def test_slow(self):
        class Handler(replay.Handler):
            def send(self, reply):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "100000")
                self.end_headers()
                while True:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(1)

        with replay.Server("mailgun", {"bounces": []}) as server:
            server.http.RequestHandlerClass = Handler
            result = esp.run("mailgun", server.url, "--list", "bounces", timeout=500)
        self.assertEqual((result.code, len(server.requests)), (75, 6), result.err)
        self.assertIn("does not answer in time", result.error[1])


if __name__ == "__main__":
    esp.main()
