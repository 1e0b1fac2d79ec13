<?php
$idp = json_decode(file_get_contents(getenv('LIVE_IDP')), true);
$metadata[$idp['sp']['entityId']] = [
    'AssertionConsumerService' => $idp['sp']['acsUrl'],
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'saml20.sign.response' => $idp['signs'] !== 'assertion',
    'saml20.sign.assertion' => $idp['signs'] !== 'response',
];
