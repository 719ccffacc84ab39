"""Answers one authentication request as an identity provider made with pysaml2 does.

Reads JSON from standard input: entityId, signOnUrl, request (SAMLRequest of the redirect), key,
certificate, serviceProvider (files), xmlsec (path), subject, attributes, signResponse. Writes the
SAMLResponse in base64.
"""
import base64
import json
import sys

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

given = json.load(sys.stdin)
config = IdPConfig().load(
    {
        "entityid": given["entityId"],
        "xmlsec_binary": given["xmlsec"],
        "key_file": given["key"],
        "cert_file": given["certificate"],
        "metadata": {"local": [given["serviceProvider"]]},
        "service": {
            "idp": {
                "endpoints": {
                    "single_sign_on_service": [(given["signOnUrl"], BINDING_HTTP_REDIRECT)]
                },
                "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
            }
        },
    }
)
server = Server(config=config)
request = server.parse_authn_request(given["request"], BINDING_HTTP_REDIRECT).message
where = server.response_args(request, [BINDING_HTTP_POST])
response = server.create_authn_response(
    identity=given["attributes"],
    userid=given["subject"],
    name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text=given["subject"]),
    authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
    sign_assertion=True,
    sign_response=given["signResponse"],
    sign_alg=SIG_RSA_SHA256,
    digest_alg=DIGEST_SHA256,
    **where,
)
sys.stdout.write(base64.b64encode(str(response).encode()).decode())
