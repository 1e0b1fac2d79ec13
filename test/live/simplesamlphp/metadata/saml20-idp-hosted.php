<?php
$idp = json_decode(file_get_contents(getenv('LIVE_IDP')), true);
$redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
$post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
$authproc = [1 => ['class' => 'saml:PersistentNameID', 'attribute' => 'uid']];
if ($idp['audience'] !== null) {
    // After the NameID, which stays the one of who asked: only the audience is another.
    $code = '$state["SPMetadata"]["entityid"] = ' . var_export($idp['audience'], true) . ';';
    $authproc[99] = ['class' => 'core:PHP', 'code' => $code];
}
// This version encrypts by aes128-cbc and RSA-OAEP, and knows no other.
$encrypted = $idp['encrypt']['what'] ?? null;
$metadata[$idp['entityId']] = [
    'host' => '__DEFAULT__',
    'privatekey' => 'idp.key',
    'certificate' => 'idp.crt',
    'auth' => 'people',
    'SingleSignOnServiceBinding' => [$redirect, $post],
    'NameIDFormat' => ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
    'authproc' => $authproc,
    'sign.logout' => true,
    'validate.logout' => true,
    'assertion.encryption' => $encrypted === 'assertion',
    'nameid.encryption' => $encrypted === 'name-id',
];
