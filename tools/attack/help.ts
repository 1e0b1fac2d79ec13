export const help = `attack: play the catalogue of SAML attacks at a service provider of your own

Usage: npm run attack -- --acs <url> --response <file> [options]
       npm run attack -- --out <folder> --response <file> [options]
       npm run attack -- --peers
       npm run attack -- --list | --docs

The response is one that your service provider would accept now: as it was posted (base64, or the
whole "SAMLResponse=…"), or as XML. Get it in the browser's network panel before it is sent, at an
identity provider for tests. Messages go to a loopback address only, one after another.

What to do:
  --acs <url>            post the messages to this assertion consumer service, on this machine
  --out <folder>         write the messages as files; send nothing
  --peers                play the catalogue at published libraries, installed from npm for this
                         run into a temporary folder, beside Gatehouse
  --record               with --peers: keep the figures for docs/attacks.md
  --docs                 write docs/attacks.md anew
  --list                 print the catalogue

What to make the messages of:
  --response <file>      the valid response
  --idp-key <file>       PKCS#8 key of the identity provider, where it is yours: adds what only it
                         can sign, and makes a response of its own for every message, so that none
                         is refused only because its Assertion was used before
  --idp-cert <file>      its certificate, where the response does not have it in KeyInfo
  --sp-cert <file>       the service provider's encryption certificate: adds encrypted messages
  --only <text>          only entries whose id or class has this in it (may be given again)
  --skip <text>          leave such entries out (may be given again)

How to send them:
  --relay-state <text>   RelayState
  --cookie <name=value>  a cookie of the browser that began the login (may be given again)
  --header <name:value>  a header (may be given again)
  --timeout <seconds>    how long to wait for an answer (default 10)

How acceptance is told: the answer to a response with a broken signature is what a refusal looks
like, the answer to the valid one what acceptance looks like (status, redirect, names of cookies).
Neither, but with the cookies that only acceptance sets, or with the forged name: accepted as well.
Where that does not tell them apart, say what acceptance has; all that is given must hold:
  --accepted-status <n>  --accepted-location <url>  --accepted-cookie <name>  --accepted-text <text>
  --valid-first          send the valid response before the rest, not after what must be refused
                         (a service provider that takes a response once refuses the rest as replays)

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

Exit codes: 0 nothing was accepted that must not be; 1 something was; 2 what was given is wrong, or
the answers tell nothing.`
