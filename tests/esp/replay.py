"""A server on loopback that speaks the suppression APIs of ESPs, and on request throttles, cuts, lies and goes in circles.

replay.Server("mailgun", data).start() answers on http://127.0.0.1:PORT. `data` is {list: [item, ...]} as the provider's
JSON has them. `faults` is a list of functions (request, number, reply) -> reply or None that may change or replace a
reply; `requests` is what was asked for, in order. Only Python's standard library.
"""
import base64
import hashlib
import hmac
import http.server
import json
import re
import threading
import time
import urllib.parse

KEY = "canary-9e1c/+=key"  # what every provider here takes; nothing else may ever show it
USER = "AKIDREPLAY"
SESSION = "session//token+en=="


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.path, _, self.query = target.partition("?")
        self.segments = [urllib.parse.unquote(s) for s in self.path.split("/")[1:]]
        self.args = dict(urllib.parse.parse_qsl(self.query, keep_blank_values=True))

    def json(self):
        return json.loads(self.body)

    def form(self):
        return dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))


class Reply:
    """`cut`: so many bytes of the body are sent, then the connection ends. `delay`: seconds before it."""

    def __init__(self, status=200, body=b"", headers=None, cut=None, delay=0, hang=False):
        self.status, self.cut, self.delay, self.hang = status, cut, delay, hang
        self.headers = {"Content-Type": "application/json"}
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        self.body = body
        self.headers.update(headers or {})


def error(status, body=None):
    return Reply(status, {"message": "no"} if body is None else body)


# Mailgun -------------------------------------------------------------------------------------------------------------


def mailgun(server, request):
    expected = "Basic " + base64.b64encode(("api:" + KEY).encode()).decode()
    if request.headers.get("authorization") != expected:
        return Reply(401, b"Forbidden", {"Content-Type": "text/plain"})
    if len(request.segments) < 3 or request.segments[0] != "v3" or request.segments[1] != "mg.example.com":
        return error(404, {"message": "Domain not found: mg.example.org"})
    name = request.segments[2]
    if name not in server.data:
        return error(404)
    field = "value" if name == "whitelists" else "address"
    items = sorted(server.data[name], key=lambda item: item[field])
    if len(request.segments) == 4:
        return mailgun_one(server, request, name, field)
    if request.method != "GET":
        server.emptied.append(request.path)  # the bulk removal
        return Reply(200, {"message": "Bounced addresses for this domain have been removed"})
    limit = int(request.args.get("limit", 100))
    if limit > 1000:
        return error(400, {"message": "limit must be at most 1000"})
    if request.args.get("page") == "next":
        items = [item for item in items if item[field] > request.args["address"]]
    page = items[:limit]
    origin = "https://api.mailgun.net" + "/".join(["", "v3", request.segments[1], name])
    last = page[-1][field] if page else request.args.get("address", "")
    paging = {
        "first": f"{origin}?page=first&limit={limit}",
        "next": f"{origin}?page=next&address={urllib.parse.quote(last, safe='')}&limit={limit}",
        "previous": f"{origin}?page=previous&address={urllib.parse.quote(last, safe='')}&limit={limit}",
        "last": f"{origin}?page=last&limit={limit}",
    }
    if page:
        return Reply(200, {"items": page, "paging": paging})
    ends = {
        "empty": {"items": [], "paging": paging},
        "null": {"items": None, "paging": paging},
        "missing": {"paging": {k: v for k, v in paging.items() if k != "next"}},
    }
    return Reply(200, ends[server.quirks.get("end", "empty")])


def mailgun_one(server, request, name, field):
    address = request.segments[3]
    found = [item for item in server.data[name] if item[field] == address]
    if not found:
        return error(404, {"message": f"Address not found in {name} table"})
    if request.method == "DELETE":
        server.data[name].remove(found[0])
        return Reply(200, {"message": "Bounced addresses for this domain have been removed", "address": address})
    return Reply(200, found[0])


# SendGrid ------------------------------------------------------------------------------------------------------------

SENDGRID = {"bounces", "blocks", "spam_reports", "invalid_emails", "unsubscribes"}


def sendgrid(server, request):
    if request.headers.get("authorization") != "Bearer " + KEY:
        return error(401, {"errors": [{"field": None, "message": "authorization required"}]})
    parts = request.segments
    if parts[:2] == ["v3", "suppression"] and len(parts) == 3 and request.method == "DELETE":
        server.emptied.append(request.path)
        return Reply(204)
    if request.method == "DELETE":
        return sendgrid_remove(server, parts)
    if parts == ["v3", "asm", "suppressions"]:
        items = server.data.get("groups", [])
        if server.quirks.get("unpaged"):
            return Reply(200, items)
    elif parts[:2] == ["v3", "suppression"] and len(parts) == 3 and parts[2] in SENDGRID:
        start, end = (float(request.args.get(k, d)) for k, d in (("start_time", 0), ("end_time", 1e12)))
        items = [item for item in server.data.get(parts[2], []) if start <= item["created"] <= end]
    else:
        return error(404, {"errors": [{"message": "not found"}]})
    limit = int(request.args.get("limit", 500))
    if limit > 500:
        return error(400, {"errors": [{"message": "limit must be at most 500"}]})
    limit = min(limit, server.quirks.get("clamp", 500))
    offset = int(request.args.get("offset", 0))
    return Reply(200, items[offset : offset + limit], {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "599"})


def sendgrid_remove(server, parts):
    if parts[:2] == ["v3", "suppression"] and len(parts) == 4 and parts[2] != "unsubscribes":  # there is no such path
        name, address = parts[2:]
    elif parts[:4] == ["v3", "asm", "suppressions", "global"] and len(parts) == 5:
        name, address = "unsubscribes", parts[4]
    elif parts[:3] == ["v3", "asm", "groups"] and len(parts) == 6:
        name, address = "groups", parts[5]
    else:
        return error(404)
    found = [item for item in server.data.get(name, []) if item["email"] == address]
    if name == "groups":
        found = [item for item in found if str(item["group_id"]) == parts[3]]
    if not found:
        return error(404)
    server.data[name].remove(found[0])
    return Reply(204)


# Amazon SES ----------------------------------------------------------------------------------------------------------


def strict(text):
    return urllib.parse.quote(text, safe="-_.~")


def sigv4_ok(request, region="ap-northeast-1"):
    """The signature as the documentation of AWS says it, from what came over the wire."""
    match = re.match(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/ses/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$",
        request.headers.get("authorization", ""),
    )
    if not match or match[1] != USER or match[3] != region:
        return False
    names = match[4].split(";")
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    pairs = []
    for part in filter(None, request.query.split("&")):
        name, _, value = part.partition("=")
        pairs.append((strict(urllib.parse.unquote(name)), strict(urllib.parse.unquote(value))))
    query = "&".join(f"{n}={v}" for n, v in sorted(pairs))
    path = urllib.parse.quote(request.path, safe="/-_.~")
    canonical = "\n".join([request.method, path, query, headers, match[4], hashlib.sha256(request.body).hexdigest()])
    stamp = request.headers.get("x-amz-date", "")
    scope = f"{match[2]}/{region}/ses/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + KEY).encode()
    for step in (match[2], region, "ses", "aws4_request"):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    return "host" in names and "x-amz-date" in names and hmac.new(key, text.encode(), hashlib.sha256).hexdigest() == match[5]


def ses_error(status, name, text="no"):
    return Reply(status, {"message": text}, {"x-amzn-ErrorType": name + ":http://internal.amazon.com/coral/"})


def ses_tenant(server, name):
    """Tenants are the lists beside the account's own; what each is set to is in `tenants`."""
    if name not in server.data or name == "suppression_list":
        return ses_error(404, "NotFoundException", f"Tenant {name} does not exist.")
    settings = server.quirks.get("tenants", {"SuppressedReasons": ["BOUNCE", "COMPLAINT"], "SuppressionScope": "TENANT"})
    if settings is None:
        return ses_error(403, "AccessDeniedException")
    return Reply(200, {"Tenant": {"TenantName": name, "SendingStatus": "ENABLED", "SuppressionAttributes": settings}})


def ses(server, request):
    if not sigv4_ok(request):
        return ses_error(403, "InvalidSignatureException", "The request signature we calculated does not match")
    if server.quirks.get("session") and request.headers.get("x-amz-security-token") != SESSION:
        return ses_error(403, "UnrecognizedClientException")
    if request.path == "/v2/email/account":
        if "reasons" not in server.quirks:
            return Reply(200, {"SendingEnabled": True, "SuppressionAttributes": {"SuppressedReasons": ["COMPLAINT", "BOUNCE"]}})
        reasons = server.quirks["reasons"]
        return ses_error(403, "AccessDeniedException") if reasons is None else Reply(200, {"SuppressionAttributes": {"SuppressedReasons": reasons}})
    if request.path == "/v2/email/tenants/get" and request.method == "POST":
        return ses_tenant(server, request.json()["TenantName"])
    tenant = request.args.get("TenantName")
    items = server.data.get(tenant, []) if tenant else server.data["suppression_list"]
    if request.segments[:4] == ["v2", "email", "suppression", "addresses"] and len(request.segments) == 5:
        found = [item for item in items if item["EmailAddress"] == request.segments[4]]
        if not found:
            return ses_error(404, "NotFoundException", f"Email address {request.segments[4]} does not exist on your suppression list.")
        if request.method == "DELETE":
            items.remove(found[0])
            return Reply(200, {})
        return Reply(200, {"SuppressedDestination": found[0]})
    if request.path != "/v2/email/suppression/addresses" or request.method != "GET":
        return ses_error(404, "NotFoundException")
    pages, size = [], min(int(request.args.get("PageSize", 1000)), server.quirks.get("clamp", 1000))
    for start in range(0, max(len(items), 1), size):
        pages.append(items[start : start + size])
        if server.quirks.get("empty_pages"):
            pages.append([])
    tokens = [""] + [base64.b64encode(b"\xfb\xff/+page%d" % i).decode() for i in range(1, len(pages))]
    token = request.args.get("NextToken", "")
    if token not in tokens:
        return ses_error(400, "BadRequestException", "Invalid NextToken")
    at = tokens.index(token)
    reply = {"SuppressedDestinationSummaries": pages[at]}
    last = {"null": {"NextToken": None}, "missing": {}, "empty": {"NextToken": ""}}[server.quirks.get("end", "null")]
    reply.update({"NextToken": tokens[at + 1]} if at + 1 < len(pages) else last)
    return Reply(200, reply)


# Postmark ------------------------------------------------------------------------------------------------------------


def postmark(server, request):
    if request.headers.get("x-postmark-server-token") != KEY:
        return error(401, {"ErrorCode": 10, "Message": "The Server Token you provided in the X-Postmark-Server-Token request header was invalid."})
    if request.path == "/message-streams":
        streams = [{"ID": name, "ServerID": 1, "MessageStreamType": "Transactional"} for name in server.data]
        streams.append({"ID": "inbound", "ServerID": 1, "MessageStreamType": "Inbound"})
        return Reply(200, {"MessageStreams": streams, "TotalCount": len(streams)})
    parts = request.segments
    known = len(parts) == 4 and parts[0] == "message-streams" and parts[2] == "suppressions" and parts[3] in ("dump", "delete")
    if not known or parts[1] not in server.data:
        return error(404, {"ErrorCode": 1226, "Message": "The message stream does not exist."})
    items = server.data[parts[1]]
    if parts[3] == "dump":
        return Reply(200, {"Suppressions": items})
    wanted = request.json()["Suppressions"][0]["EmailAddress"]
    found = [item for item in items if item["EmailAddress"] == wanted]
    if found and found[0]["SuppressionReason"] == "SpamComplaint":
        said = {"EmailAddress": wanted, "Status": "Failed", "Message": "You do not have the required authority to change this suppression."}
        return Reply(200, {"Suppressions": [said]})
    for item in found:
        items.remove(item)
    return Reply(200, {"Suppressions": [{"EmailAddress": wanted, "Status": "Deleted", "Message": None}]})


# Brevo, Customers Mail Cloud -----------------------------------------------------------------------------------------


def brevo(server, request):
    if request.headers.get("api-key") != KEY:
        return error(401, {"code": "unauthorized", "message": "Key not found"})
    if request.method == "DELETE":
        items = server.data["blockedContacts"]
        found = [item for item in items if item["email"] == request.segments[3]]
        for item in found:
            items.remove(item)
        return Reply(204) if found else error(404, {"code": "document_not_found", "message": "Contact does not exist"})
    name, limit_max = {"/v3/smtp/blockedContacts": ("blockedContacts", 100), "/v3/contacts": ("contacts", 1000)}.get(request.path, (None, 0))
    limit, offset = int(request.args.get("limit", 50)), int(request.args.get("offset", 0))
    if name is None or limit > limit_max:
        return error(400, {"code": "out_of_range", "message": "Limit exceeds max value"})
    items = server.data.get(name, [])
    reply = {"count": len(items), "contacts": items[offset : offset + limit]}
    if not reply["contacts"] and server.quirks.get("end") == "missing":
        del reply["contacts"]
    return Reply(200, reply)


def customers_mail_cloud(server, request):
    form = request.form()
    if request.method != "POST" or form.get("api_key") != KEY or form.get("api_user") != "api-user":
        return error(401, {"errors": [{"code": "08-001", "message": "api_key is invalid"}]})
    page, size = int(form.get("p", 0)), int(form.get("r", 10))
    if request.path != "/transaction/v2/blocks/list.json" or size > 100:
        return error(400)
    return Reply(200, {"blocks": server.data["blocks"][page * size : (page + 1) * size]})


# Those that presend reads by description -----------------------------------------------------------------------------


def sparkpost(server, request):
    if request.headers.get("authorization") != KEY or request.headers.get("x-msys-subaccount") != "0":
        return error(401, {"errors": [{"message": "Unauthorized."}]})
    if request.method == "DELETE":
        return sparkpost_remove(server, request)
    cursor, size = request.args.get("cursor", ""), min(int(request.args.get("per_page", 1000)), server.quirks.get("clamp", 10000))
    at = 0 if cursor == "initial" else int(cursor.removeprefix("cursor=="))
    items = server.data["suppression_list"]
    links = [{"href": f"/api/v1/suppression-list?cursor=cursor%3D%3D{at + size}&per_page={size}", "rel": "next"}]
    links.insert(0, {"href": "/api/v1/suppression-list?cursor=initial", "rel": "first"})
    return Reply(200, {"results": items[at : at + size], "links": links if at + size < len(items) else [], "total_count": len(items)})


def sparkpost_remove(server, request):
    if len(request.segments) != 4 or not request.segments[3]:
        server.emptied.append(request.path)
        return Reply(204)
    kind = request.json().get("type") if request.headers.get("content-type") == "application/json" else None
    if "list_id" not in request.args or kind not in ("transactional", "non_transactional"):
        server.emptied.append(request.target)  # every list, or both types, at once
        return Reply(204)
    items = server.data["suppression_list"]
    same = lambda item: (item["recipient"], item.get("list_id", ""), item["type"]) == (request.segments[3], request.args["list_id"], kind)
    found = [item for item in items if same(item)]
    if any(item.get("source") == "Compliance" for item in found):
        return error(403, {"errors": [{"message": "Recipient could not be removed due to a compliance suppression"}]})
    for item in found:
        items.remove(item)
    return Reply(204) if found else error(404, {"errors": [{"message": "Recipient could not be found"}]})


def mandrill(server, request):
    body = request.json()
    if body.get("key") != KEY:
        return error(500, {"status": "error", "code": -1, "name": "Invalid_Key", "message": "Invalid API key"})
    if request.path == "/api/1.0/rejects/delete":
        found = [item for item in server.data["rejects"] if item["email"] == body["email"]]
        for item in found:
            server.data["rejects"].remove(item)
        return Reply(200, {"email": body["email"], "deleted": bool(found)})
    return Reply(200, server.data["rejects"][:1000])


def one_removal(server, request, field, path, names):
    """The address behind `path`, off the lists of those names; without it the whole list goes."""
    if request.segments[:-1] != path or not request.segments[-1]:
        server.emptied.append(request.path)
        return Reply(204)
    found = [(name, item) for name in names for item in server.data.get(name, []) if request.segments[-1] in (item[field], item.get("id"))]
    for name, item in found:
        server.data[name].remove(item)
    return Reply(200, {}) if found else error(404)


def resend(server, request):
    if request.headers.get("authorization") != "Bearer " + KEY:
        return error(401, {"name": "invalid_api_key"})
    if request.method == "DELETE":
        return one_removal(server, request, "email", ["suppressions"], ["suppressions"])
    items, size = server.data["suppressions"], min(int(request.args.get("limit", 20)), server.quirks.get("clamp", 100))
    ids = [item["id"] for item in items]
    at = ids.index(request.args["after"]) + 1 if "after" in request.args else 0
    return Reply(200, {"object": "list", "has_more": at + size < len(items), "data": items[at : at + size]})


def klaviyo(server, request):
    if request.headers.get("authorization") != "Klaviyo-API-Key " + KEY or "revision" not in request.headers:
        return error(401, {"errors": [{"status": "401", "detail": "no"}]})
    reason = re.fullmatch(r'equals\(subscriptions\.email\.marketing\.suppression\.reason,"([A-Z_]+)"\)', request.args.get("filter", ""))
    everybody = [item for name in server.data for item in server.data[name]]
    found = server.data.get(reason[1], []) if reason else everybody
    items, size = found, min(int(request.args["page[size]"]), server.quirks.get("clamp", 100))
    at = int(request.args.get("page[cursor]", 0))
    following = dict(request.args, **{"page[cursor]": str(at + size)})
    link = "https://a.klaviyo.com/api/profiles?" + urllib.parse.urlencode(following) if at + size < len(items) else None
    return Reply(200, {"data": items[at : at + size], "links": {"self": "https://a.klaviyo.com/api/profiles", "next": link, "prev": None}})


def customerio(server, request):
    if request.headers.get("authorization") != "Bearer " + KEY:
        return error(401, {"errors": [{"detail": "unauthorized"}]})
    if request.method == "DELETE":
        return one_removal(server, request, "email", ["v1", "esp", "suppression", request.segments[3]], [request.segments[3]])
    items, size = server.data.get(request.segments[-1], []), min(int(request.args.get("limit", 100)), server.quirks.get("clamp", 1000))
    at = int(base64.b64decode(request.args.get("start", ""))[1:] or 0)
    reply = {"category": request.segments[-1], "suppressions": items[at : at + size]}
    if at + size < len(items):
        reply["next"] = base64.b64encode(b"n%d" % (at + size)).decode()
    return Reply(200, reply)


def mailjet(server, request):
    if request.headers.get("authorization") != "Basic " + base64.b64encode(("api-user:" + KEY).encode()).decode():
        return error(401, {"ErrorMessage": "API key authentication/authorization failure."})
    items, size, at = server.data["contact"], int(request.args.get("Limit", 10)), int(request.args.get("Offset", 0))
    if size > 1000:
        return error(400, {"ErrorMessage": "Limit is at most 1000."})
    if "IsExcludedFromCampaigns" in request.args:
        items = [item for item in items if str(item["IsExcludedFromCampaigns"]).lower() == request.args["IsExcludedFromCampaigns"]]
    page = items[at : at + size]
    return Reply(200, {"Count": len(page), "Data": page, "Total": len(page)})


def elasticemail(server, request):
    if request.headers.get("x-elasticemail-apikey") != KEY:
        return error(401, {"Error": "Unauthorized"})
    if request.method == "DELETE":
        return one_removal(server, request, "Email", ["v4", "suppressions"], ["bounces", "complaints", "unsubscribes"])
    items, size, at = server.data.get(request.segments[-1], []), int(request.args.get("limit", 100)), int(request.args.get("offset", 0))
    return Reply(200, items[at : at + size])


PROVIDERS = {
    f.__name__: f
    for f in (mailgun, sendgrid, ses, postmark, brevo, customers_mail_cloud, sparkpost, mandrill, resend, klaviyo, customerio, mailjet, elasticemail)
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self):
        server = self.server.replay
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        with server.lock:
            server.requests.append(request)
            number = len(server.requests)
            reply = None
            for fault in server.faults:
                reply = fault(request, number, reply) or reply
            if reply is None:
                reply = server.provider(server, request)
            for change in server.changes:
                reply = change(request, number, reply) or reply
        if reply.delay:
            time.sleep(reply.delay)
        self.send(reply)

    def send(self, reply):
        if reply.hang:
            self.close_connection = True
            return
        if "Date" in reply.headers:
            self.send_response_only(reply.status)
        else:
            self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in reply.headers and "Transfer-Encoding" not in reply.headers:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
        if reply.cut is not None:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = do_PUT = answer


class HttpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that goes away is what some tests are about


class Server:
    def __init__(self, provider, data, **quirks):
        self.provider, self.data, self.quirks = PROVIDERS[provider], data, quirks
        self.requests, self.faults, self.changes, self.emptied = [], [], [], []
        self.lock = threading.Lock()
        self.http = HttpServer(("127.0.0.1", 0), Handler)
        self.http.replay = self
        self.url = "http://127.0.0.1:%d" % self.http.server_address[1]

    def start(self):
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self):
        self.http.shutdown()
        self.http.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
