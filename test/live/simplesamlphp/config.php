<?php
// SimpleSAMLphp as an identity provider on this machine. What differs from test to test comes from
// the JSON file that LIVE_IDP names; test/live/idp.ts writes it.
$idp = json_decode(file_get_contents(getenv('LIVE_IDP')), true);
$sources = [['type' => 'flatfile', 'directory' => __DIR__ . '/metadata']];
if ($idp['spMetadata'] !== null) {
    $sources[] = ['type' => 'xml', 'xml' => $idp['spMetadata']];
}
$config = [
    'baseurlpath' => $idp['base'] . '/',
    'certdir' => $idp['directory'] . '/',
    'datadir' => $idp['directory'] . '/',
    'tempdir' => $idp['directory'] . '/tmp',
    'loggingdir' => $idp['directory'] . '/',
    'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log',
    'logging.level' => SimpleSAML\Logger::NOTICE,
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'metadata.sources' => $sources,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'enable.saml20-idp' => true,
    'secretsalt' => $idp['salt'],
    'auth.adminpassword' => $idp['salt'],
    'technicalcontact_email' => 'na@example.org',
    'timezone' => 'UTC',
    'errorreporting' => false,
    'store.type' => 'phpsession',
    'session.phpsession.savepath' => $idp['directory'] . '/sessions',
    'session.phpsession.cookiename' => 'SimpleSAML',
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'language.default' => 'en',
    'language.available' => ['en'],
];
