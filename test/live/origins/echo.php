<?php
// Answers with what FastCGI tells of the request.
header('Content-Type: application/json');
$body = file_get_contents('php://input');
echo json_encode([
    'method' => $_SERVER['REQUEST_METHOD'],
    'url' => $_SERVER['REQUEST_URI'],
    'saw' => $_SERVER,
    'body' => $body,
], JSON_INVALID_UTF8_SUBSTITUTE);
