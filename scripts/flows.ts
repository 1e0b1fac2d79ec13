/** The words of the flows that are drawn: a request, and a sign-in. */
import { end, step, type Flow } from './draw-flow.ts'

export const parties = {
  browser: 'participant B as Browser',
  gatehouse: 'participant G as Gatehouse',
  site: 'participant A as Site',
  login: 'participant L as Login host',
  stores: 'participant S as KV and D1',
  origin: 'participant O as Origin',
  idp: 'participant I as Identity provider',
}

export const requestFlow: Flow = {
  parties: [parties.browser, parties.gatehouse, parties.stores, parties.origin],
  parts: [
    {
      file: 'app.ts',
      begins: 'async function answer(',
      steps: [
        step(['prepareOnce', 'addressOf'], 'B->>G: a request'),
        step(['findHost'], 'Note over G: findHost: the host of the address, and its site'),
        end(
          ['answerWith', 'refusePlainHttp'],
          'not our host, or plain HTTP',
          'G-->>B: refused, or sent to HTTPS',
        ),
        end([], 'a path below /.gatehouse/', 'G-->>B: sign-in, sign-out, SCIM, keys'),
        step(['measuredGate']),
      ],
      leftOut: null,
    },
    {
      file: 'proxy/gate.ts',
      begins: 'export async function gate(',
      steps: [
        end(['refuse', 'isLoop'], 'TRACE, or a loop', 'G-->>B: 405 or 508'),
        step(
          ['readSent'],
          'Note over G: readSent: a kept form becomes<br/>the request that it was',
        ),
        step(['routeRequest']),
      ],
      leftOut: ['isTokenInQuery', 'isReading', 'kindOf', 'auditOrigin'],
    },
    {
      file: 'proxy/gate.ts',
      begins: 'async function routeRequest(',
      steps: [
        step(
          ['readReach'],
          'Note over G: readReach: the route of the path,<br/>and of all that the headers name',
        ),
        end(['refuse'], 'no route, or a path with two readings', 'G-->>B: 400, 404 or 502'),
        step(
          ['readCredential', 'applyToProgram'],
          'Note over G: readCredential: a program with a token<br/>goes by its token, by the same policy',
        ),
        step(['applyPolicy']),
      ],
      leftOut: null,
    },
    {
      file: 'proxy/gate.ts',
      begins: 'async function applyPolicy(',
      steps: [
        step(
          ['readSession'],
          'G->>S: readSession: is there a session that counts<br/>(not asked on a public route)',
          'S-->>G: remembered for revocationSeconds',
        ),
        step(['decide'], 'Note over G: decide: may this session pass this route'),
        end(['askToLogIn'], 'nobody is signed in', 'G-->>B: to sign-in, or 401 with its address'),
        end(['refuse'], 'the policy refuses', 'G-->>B: 403'),
        step(['letIn']),
      ],
      leftOut: [
        'isPreflight',
        'barePreflight',
        'isForOther',
        'useUp',
        'readAsks',
        'toFacts',
        'lacksDevice',
        'endStolen',
        'auditEnd',
        'auditDenial',
        'loadMissing',
      ],
    },
    {
      file: 'proxy/gate.ts',
      begins: 'async function letIn(',
      steps: [
        step(['identify'], 'Note over G: identify: sign the token for the origin'),
        step(['watchOver'], 'Note over G: watchOver: read the session again while this is open'),
        step(
          ['forward'],
          'G->>O: forward: with the identity,<br/>without forged headers',
          'O-->>G: its answer',
        ),
        step(['showWatched'], 'Note over G: showWatched: the answer, until the session ends'),
        step(['changeHeaders'], 'G-->>B: changeHeaders: with headers<br/>for the browser'),
      ],
      leftOut: [
        'isUpgrade',
        'mayOpenSockets',
        'auditDenial',
        'auditOrigin',
        'findPrograms',
        'refuse',
        'askToLogIn',
        'showUnwatched',
      ],
    },
  ],
}

export const signInFlow: Flow = {
  parties: [parties.browser, parties.gatehouse, parties.stores, parties.idp],
  parts: [
    {
      file: 'login/begin.ts',
      begins: 'async function answer(',
      steps: [
        step(
          ['listConnections'],
          'B->>G: GET /.gatehouse/login',
          'G->>S: listConnections: the identity providers of the site',
        ),
        end(['choosePage'], 'there are several', 'G-->>B: choosePage: which one?'),
        step(['startLogin']),
      ],
      leftOut: null,
    },
    {
      file: 'login/start.ts',
      begins: 'export async function startLogin(',
      steps: [
        step(['keepLogin'], 'Note over G: keepLogin: this login into a sealed cookie'),
        step(['sendToIdp'], 'G-->>B: sendToIdp: go there, with an AuthnRequest'),
      ],
      leftOut: null,
    },
    {
      file: 'login/acs-routes.ts',
      begins: "app.post(acsPath(':connection')",
      steps: [
        step(
          ['openConnection', 'readForm'],
          'B->>I: AuthnRequest',
          'Note over I: the person signs in',
          'I-->>B: a form with a SAMLResponse',
          'B->>G: POST /.gatehouse/saml/…/acs',
          'G->>S: openConnection: the keys of the one in the URL',
        ),
        step(['readPending'], 'Note over G: readPending: the logins in the cookies'),
        step(['answerLogin']),
      ],
      leftOut: null,
    },
    {
      file: 'login/answer.ts',
      begins: 'export async function answerLogin(',
      steps: [step(['finishLogin'])],
      leftOut: null,
    },
    {
      file: 'login/finish.ts',
      begins: 'export async function finishLogin(',
      steps: [
        step(['takePending'], 'Note over G: takePending: the login that this one answers'),
        step(
          ['readAnswer'],
          'Note over G: readAnswer: verify the signature,<br/>then read only what was signed',
        ),
      ],
      leftOut: null,
    },
    {
      file: 'login/admit.ts',
      begins: 'export async function admit<',
      steps: [
        step(['toPerson'], 'Note over G: toPerson: name, address and groups'),
        step(
          ['takeOnce'],
          'G->>S: takeOnce: never this assertion again,<br/>who is it, may it speak for them',
        ),
      ],
      leftOut: ['findAlias', 'idOfKnown', 'isSessionOver', 'refuse', 'toNamed', 'usableUntil'],
    },
    {
      file: 'login/finish.ts',
      begins: 'export async function finishLogin(',
      steps: [
        step(['takePending', 'readAnswer', 'admit']),
        step(['provision'], 'G->>S: provision: find or add the user'),
        step(['toSession'], 'Note over G: toSession: what the session will hold'),
        step(['findOtherPerson'], 'G->>S: findOtherPerson: is another person signed in here'),
        step(['openSession'], 'G->>S: openSession: keep it'),
      ],
      leftOut: ['areDirectorys', 'areGroupsOmitted', 'askingAnew', 'sessionsBeside', 'signInEnd'],
    },
    {
      file: 'login/answer.ts',
      begins: 'export async function answerLogin(',
      steps: [
        end(['refuseLogin'], 'any of these fails', 'G-->>B: refuseLogin: why, and what to do'),
        end(
          ['askToSwitch'],
          'another person is signed in',
          'G-->>B: askToSwitch: change accounts?',
        ),
        step(
          ['arriveWith'],
          'G-->>B: arriveWith: the cookie of the session,<br/>and back to the page',
        ),
      ],
      leftOut: null,
    },
  ],
}
