export const help = `attack: send the catalogue of SAML attacks to a service provider of your own

Usage: npm run attack -- --acs <url> --response <file> [options]
       npm run attack -- --out <folder> --response <file> [options]
       npm run attack -- --peers
       npm run attack -- --list | --docs

The response must be one that your service provider would accept now: as it was posted (base64, or
the whole "SAMLResponse=…"), or as XML. Sign in at an identity provider for tests, and copy the
response from the browser's network panel before it is sent. Messages are sent one after another,
and only to a loopback address.

What to do:
  --acs <url>            post the messages to this assertion consumer service, on this machine
  --out <folder>         write the messages as files; send nothing
  --peers                send the catalogue to Gatehouse and to published libraries, which are
                         installed from npm into a temporary folder for this run
  --record               with --peers: store the figures for docs/attacks.md
  --docs                 write docs/attacks.md again
  --list                 print the catalogue

What to make the messages from:
  --response <file>      the valid response
  --idp-key <file>       PKCS#8 key of the identity provider, if it is yours: adds the messages that
                         only it can sign, and makes a fresh response for every message, so that none
                         is refused only because its Assertion was used before
  --idp-cert <file>      its certificate, if the response does not have it in KeyInfo
  --sp-cert <file>       the service provider's encryption certificate: adds encrypted messages
  --only <text>          only entries whose id or class contains this text (may be repeated)
  --skip <text>          leave these entries out (may be repeated)

How to send them:
  --relay-state <text>   RelayState
  --cookie <name=value>  a cookie of the browser that began the login (may be repeated)
  --header <name:value>  a header (may be repeated)
  --timeout <seconds>    how long to wait for an answer (default 10)

How acceptance is recognized: the answer to a response with a broken signature shows a refusal, and
the answer to the valid response shows acceptance (status, redirect, names of cookies). Any other
answer counts as acceptance if it has the cookies that only acceptance sets, or the forged name. If
this cannot distinguish them, say what an accepting answer has; every option given must match:
  --accepted-status <n>  --accepted-location <url>  --accepted-cookie <name>  --accepted-text <text>
  --valid-first          send the valid response before all others, not after those that must be
                         refused (a service provider that accepts a response only once then refuses
                         the others as replays)

  --json                 print one JSON document
  --help                 print this

Examples:
  # what a service provider on port 3000 does
  npm run attack -- --acs http://localhost:3000/saml/acs --response response.b64
  # with the key of your identity provider for tests, and the cookie of an open login
  npm run attack -- --acs http://localhost:3000/saml/acs --response response.b64 \\
    --idp-key idp.key --cookie 'login=abc' --accepted-cookie session
  # only signature wrapping, as files
  npm run attack -- --out messages --response response.b64 --only xsw

Exit codes: 0 everything that must be refused was refused; 1 something was accepted that must not
be; 2 the arguments are wrong, or the answers show nothing.`
