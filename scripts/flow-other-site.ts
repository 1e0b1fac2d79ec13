/** The words of the third flow that is drawn: a sign-in is passed on to another site. */
import { end, step, type Flow } from './draw-flow.ts'
import { parties } from './flows.ts'

export const otherSiteFlow: Flow = {
  parties: [parties.browser, parties.site, parties.login, parties.stores],
  parts: [
    {
      file: 'login/leave.ts',
      begins: 'export async function leaveForLogin(',
      steps: [
        step(
          ['keepLogin'],
          'B->>A: GET /.gatehouse/login',
          'Note over A: keepLogin: this login into a sealed cookie',
          'A-->>B: to the login host, with the id of the login',
        ),
      ],
      leftOut: ['freshFields', 'toPending', 'toHandle', 'pathTo', 'toIdpPage'],
    },
    {
      file: 'login/pass-on.ts',
      begins: 'export async function passOn(',
      steps: [
        step(
          [],
          'B->>L: GET /.gatehouse/login?site=…',
          'L->>S: readSession.again: is there a sign-in that counts',
        ),
        end(
          ['mayPass'],
          'nobody is signed in, or not as the site asks',
          'Note over B,L: a sign-in at the identity provider, as above',
        ),
        end(
          ['hasLeft', 'goOnPage'],
          'the person signed out of that site',
          'L-->>B: goOnPage: sign in there again?',
        ),
        step(['saveTransfer'], 'L->>S: saveTransfer: for this site and this login, for a minute'),
        step(['seeOther'], 'L-->>B: to the site, with the code'),
      ],
      leftOut: ['postPage', 'pathTo', 'newSessionToken'],
    },
    {
      file: 'login/arrival.ts',
      begins: 'export async function answerArrival(',
      steps: [
        step(
          ['takeTransfer'],
          'B->>A: GET /.gatehouse/arrive?code=…',
          'A->>S: takeTransfer: delete it, and read it',
        ),
        step(['acceptTransfer'], 'Note over A: acceptTransfer: for this site and browser, in time'),
        end(['refuseLogin'], 'it is not', 'A-->>B: refuseLogin: why, and what to do'),
        step(
          ['toSessionHere'],
          'Note over A: toSessionHere: the same person, the terms of this site',
        ),
        step(['findOtherPerson'], 'A->>S: findOtherPerson: is another person signed in here'),
        step(['openSession'], 'A->>S: openSession: if the sign-in still counts'),
        end(['refuse'], 'it does not', 'A-->>B: refuseLogin: why, and what to do'),
        end(
          ['askToSwitch'],
          'another person is signed in',
          'A-->>B: askToSwitch: change accounts?',
        ),
        step(
          ['arriveWith'],
          'A-->>B: arriveWith: the cookie of the session,<br/>and back to the page',
        ),
      ],
      leftOut: ['arrive', 'showSwitch', 'seeOther', 'sessionsBeside', 'nobody', 'audit'],
    },
  ],
}
