<?php
$idp = json_decode(file_get_contents(getenv('LIVE_IDP')), true);
$users = ['exampleauth:UserPass'];
foreach ($idp['people'] as $person) {
    $key = $person['uid'] . ':' . $person['password'];
    unset($person['password']);
    $users[$key] = array_map(fn($value) => (array) $value, $person);
}
$config = ['people' => $users];
