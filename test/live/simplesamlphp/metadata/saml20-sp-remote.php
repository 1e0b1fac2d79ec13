<?php
$idp = json_decode(file_get_contents(getenv('LIVE_IDP')), true);
if ($idp['spMetadata'] !== null) {
    return;
}
$certificates = ['encryption' => $idp['encrypt']['certificate'] ?? null, 'signing' => $idp['requestCertificate']];
$keys = [];
foreach (array_filter($certificates) as $use => $certificate) {
    $uses = ['encryption' => $use === 'encryption', 'signing' => $use === 'signing'];
    $keys[] = $uses + ['type' => 'X509Certificate', 'X509Certificate' => $certificate];
}
$metadata[$idp['sp']['entityId']] = [
    'AssertionConsumerService' => $idp['sp']['acsUrl'],
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'saml20.sign.response' => $idp['signs'] !== 'assertion',
    'saml20.sign.assertion' => $idp['signs'] !== 'response',
    'keys' => $keys,
    'validate.authnrequest' => $idp['requestCertificate'] !== null,
];
