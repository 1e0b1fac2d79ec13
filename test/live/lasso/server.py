"""Lasso as an identity provider: `python3 server.py`, with settings as in ../idp.ts."""

import datetime
import hashlib
import html
import json
import os
import secrets
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import lasso


def read_settings():
    with open(os.environ['LIVE_IDP'], encoding='utf-8') as file:
        return json.load(file)


settings = read_settings()
sp = settings['sp']
PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
BINDINGS = 'urn:oasis:names:tc:SAML:2.0:bindings:'
NAMESPACES = (
    'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
)
PROTOCOL = 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"'
sessions = {}
# What Lasso keeps of each session, for a logout.
dumps = {}


def read_own(name):
    with open(os.path.join(settings['directory'], name), encoding='utf-8') as file:
        return file.read()


key, certificate = read_own('idp.key'), read_own('idp.crt')


def key_descriptor(use, base64_der):
    data = f'<ds:X509Data><ds:X509Certificate>{base64_der}</ds:X509Certificate></ds:X509Data>'
    return f'<md:KeyDescriptor use="{use}"><ds:KeyInfo>{data}</ds:KeyInfo></md:KeyDescriptor>'


def entity(entity_id, role):
    return (
        f'<md:EntityDescriptor {NAMESPACES} entityID="{html.escape(entity_id)}">'
        f'{role}</md:EntityDescriptor>'
    )


def idp_metadata():
    own = ''.join(line for line in certificate.splitlines() if '-----' not in line)
    services = ''.join(
        f'<md:SingleSignOnService Binding="{BINDINGS}{binding}" Location="{settings["base"]}/sso"/>'
        for binding in ('HTTP-Redirect', 'HTTP-POST')
    )
    logout = (
        f'<md:SingleLogoutService Binding="{BINDINGS}HTTP-Redirect" Location="{settings["base"]}/slo"/>'
    )
    return entity(
        settings['entityId'],
        f'<md:IDPSSODescriptor {PROTOCOL}>{key_descriptor("signing", own)}'
        f'{logout}<md:NameIDFormat>{PERSISTENT}</md:NameIDFormat>{services}</md:IDPSSODescriptor>',
    )


def sp_metadata(now):
    if now['spMetadata']:
        return now['spMetadata']
    keys = ''
    if now['requestCertificate']:
        keys += key_descriptor('signing', now['requestCertificate'])
    if now['encrypt']:
        keys += key_descriptor('encryption', now['encrypt']['certificate'])
    signed = str(now['requestCertificate'] is not None).lower()
    return entity(
        sp['entityId'],
        f'<md:SPSSODescriptor AuthnRequestsSigned="{signed}" WantAssertionsSigned="true" {PROTOCOL}>'
        f'{keys}<md:NameIDFormat>{PERSISTENT}</md:NameIDFormat>'
        f'<md:AssertionConsumerService Binding="{BINDINGS}HTTP-POST" '
        f'Location="{html.escape(sp["acsUrl"])}" index="0" isDefault="true"/></md:SPSSODescriptor>',
    )


SYMMETRIC = {
    'aes128-cbc': lasso.ENCRYPTION_SYM_KEY_TYPE_AES_128,
    'aes256-cbc': lasso.ENCRYPTION_SYM_KEY_TYPE_AES_256,
}

ENCRYPTION_MODES = {
    'assertion': lasso.ENCRYPTION_MODE_ASSERTION,
    'name-id': lasso.ENCRYPTION_MODE_NAMEID,
}


def new_login():
    now = read_settings()
    server = lasso.Server.newFromBuffers(idp_metadata(), key, None, certificate)
    server.signatureMethod = lasso.SIGNATURE_METHOD_RSA_SHA256
    server.addProviderFromBuffer(lasso.PROVIDER_ROLE_SP, sp_metadata(now))
    if now['encrypt']:
        provider = server.getProvider(sp['entityId'])
        provider.setEncryptionMode(ENCRYPTION_MODES[now['encrypt']['what']])
        provider.setEncryptionSymKeyType(SYMMETRIC[now['encrypt']['cipher']])
        provider.setKeyEncryptionMethod(lasso.KEY_ENCRYPTION_METHOD_OAEP)
    login = lasso.Login(server)
    if now['requestCertificate']:
        login.setSignatureVerifyHint(lasso.PROFILE_SIGNATURE_VERIFY_HINT_FORCE)
    return login


def attribute(name, values):
    made = lasso.Saml2Attribute()
    made.name, made.nameFormat = name, lasso.SAML2_ATTRIBUTE_NAME_FORMAT_BASIC
    holders = []
    for value in values:
        text = lasso.MiscTextNode.newWithString(value)
        text.textChild = True
        holder = lasso.Saml2AttributeValue()
        holder.any = [text]
        holders.append(holder)
    made.attributeValue = holders
    return made


def answer(login, person):
    login.validateRequestMsg(True, True)
    now = datetime.datetime.now(datetime.timezone.utc)
    instants = [
        (now + datetime.timedelta(minutes=minutes)).strftime('%Y-%m-%dT%H:%M:%SZ')
        for minutes in (0, -1, 5)
    ]
    how = lasso.SAML2_AUTHN_CONTEXT_PASSWORD_PROTECTED_TRANSPORT
    salted = (settings['salt'] + person['uid']).encode()
    login.nameIdentifier.content = hashlib.sha256(salted).hexdigest()
    login.buildAssertion(how, instants[0], None, instants[1], instants[2])
    assertion = login.assertion
    assertion.authnStatement[0].sessionIndex = '_' + secrets.token_hex(8)
    if settings['audience']:
        assertion.conditions.audienceRestriction[0].audience = settings['audience']
    statement = lasso.Saml2AttributeStatement()
    statement.attribute = [
        attribute(name, value if isinstance(value, list) else [value])
        for name, value in person.items()
        if name != 'password'
    ]
    assertion.attributeStatement = [statement]
    if settings['signs'] == 'assertion':
        login.setSignatureHint(lasso.PROFILE_SIGNATURE_HINT_FORBID)
    if settings['signs'] == 'response':
        login.response.assertion = [copied(assertion)]
    login.buildAuthnResponseMsg()


def copied(assertion):
    """Lasso signs every assertion that it builds; one that is put together here has no signature."""
    made = lasso.Saml2Assertion()
    for part in (
        'version id issueInstant issuer subject conditions authnStatement attributeStatement'
    ).split():
        setattr(made, part, getattr(assertion, part))
    return made


def form(action, fields, questions=''):
    """A form that sends itself, unless it has something to ask."""
    hidden = ''.join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    script = '' if questions else '<script>document.forms[0].submit()</script>'
    return (
        f'<!doctype html><form method="post" action="{html.escape(action)}">{hidden}{questions}'
        f'<button>Go on</button></form>{script}'
    )


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.guarded({})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length', 0))).decode()
        self.guarded(dict(parse_qsl(body, keep_blank_values=True)))

    def guarded(self, fields):
        try:
            self.handle_page(fields)
        except lasso.Error as error:
            self.send_page(403, html.escape(str(error)))

    def handle_page(self, fields):
        url = urlsplit(self.path)
        if url.path == '/metadata':
            return self.send_page(200, idp_metadata())
        if url.path == '/login':
            return self.log_in(fields)
        if url.path in ('/slo', '/logout'):
            return self.log_out(url)
        if url.path not in ('/sso', '/tile'):
            return self.send_page(404, '')
        cookie = SimpleCookie(self.headers.get('Cookie', '')).get('idp')
        person = sessions.get(cookie.value) if cookie else None
        if person is None:
            asked = {'next': self.path, 'asked': json.dumps(fields)}
            inputs = '<input name="username"><input type="password" name="password">'
            return self.send_page(200, form('/login', asked, inputs))
        login = new_login()
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        if url.path == '/tile':
            login.initIdpInitiatedAuthnRequest(sp['entityId'])
            login.request.nameIdPolicy.format = PERSISTENT
            login.request.nameIdPolicy.allowCreate = True
            login.request.protocolBinding = lasso.SAML2_METADATA_BINDING_POST
            login.processAuthnRequestMsg(None)
        else:
            # By HTTP-Redirect, what was signed is the query as it came.
            login.processAuthnRequestMsg(fields.get('SAMLRequest', url.query))
        answer(login, person)
        dumps[cookie.value] = (login.identity.dump(), login.session.dump())
        relay_state = {**query, **fields}.get('RelayState', '')
        sent = {'SAMLResponse': login.msgBody, 'RelayState': relay_state}
        return self.send_page(200, form(login.msgUrl, sent))

    def log_out(self, url):
        cookie = SimpleCookie(self.headers.get('Cookie', '')).get('idp')
        logout = lasso.Logout(new_login().server)
        if cookie and cookie.value in dumps:
            identity, session = dumps[cookie.value]
            logout.setIdentityFromDump(identity)
            logout.setSessionFromDump(session)
        if 'SAMLResponse=' in url.query:
            logout.processResponseMsg(url.query)
            return self.send_page(200, 'You are signed out everywhere.')
        if url.path == '/logout':
            logout.initRequest(sp['entityId'], lasso.HTTP_METHOD_REDIRECT)
            logout.buildRequestMsg()
        else:
            logout.processRequestMsg(url.query)
            logout.validateRequest()
            logout.buildResponseMsg()
        if cookie:
            sessions.pop(cookie.value, None)
        return self.send_page(302, '', {'Location': logout.msgUrl})

    def log_in(self, fields):
        people = {person['uid']: person for person in settings['people']}
        person = people.get(fields.get('username'))
        if person is None or person['password'] != fields.get('password'):
            return self.send_page(403, 'Nobody has this name and password.')
        session = secrets.token_hex(16)
        sessions[session] = person
        asked = json.loads(fields['asked'])
        headers = {'Set-Cookie': f'idp={session}; Path=/; HttpOnly'}
        if asked:
            return self.send_page(200, form(fields['next'], asked), headers)
        return self.send_page(302, '', {**headers, 'Location': fields['next']})

    def send_page(self, status, text, headers=None):
        body = text.encode()
        self.send_response(status)
        self.send_header('Content-Type', 'text/html; charset=utf-8')
        self.send_header('Content-Length', str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(('127.0.0.1', settings['port']), Handler).serve_forever()
