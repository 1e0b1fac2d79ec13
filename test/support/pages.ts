/** Every page that visitors see, in each of its forms. */
import type { Connection } from '../../src/connection/connection.ts'
import type { FormDeps } from '../../src/form/keep.ts'
import type { KeptForm } from '../../src/form/kept.ts'
import {
  confirmPage,
  keptPage,
  notKeptPage,
  otherPersonPage,
  sentBeforePage,
  spoiltPage,
} from '../../src/form/pages.ts'
import { readAsked } from '../../src/oauth/ask.ts'
import type { Client } from '../../src/oauth/client.ts'
import { homePage } from '../../src/home/page.ts'
import { answerWith, lastResort } from '../../src/http.ts'
import { utf8 } from '../../src/lib/bytes.ts'
import { toInstant } from '../../src/lib/instant.ts'
import { StoreUnavailable } from '../../src/lib/store-error.ts'
import type { Speech } from '../../src/lib/words/speech.ts'
import type { Brand } from '../../src/lib/brand.ts'
import { backPage } from '../../src/login/back-page.ts'
import { toPublic, type LoginError } from '../../src/login/error.ts'
import {
  answerPage,
  donePage,
  refusedLogoutPage,
  signedOutByIdpPage,
  signOutAtIdpPage,
  toLoginHostPage,
} from '../../src/logout/idp-pages.ts'
import { deviceDonePage, deviceEntryPage, devicePage } from '../../src/oauth/device-pages.ts'
import type { OauthDeps } from '../../src/oauth/deps.ts'
import { closedPage, consentPage, faultPage, toClientPage } from '../../src/oauth/pages.ts'
import { outcomes } from '../../src/logout/kept.ts'
import { parseOnward } from '../../src/logout/onward.ts'
import { signOutPage, signedOutPage } from '../../src/logout/pages.ts'
import {
  choosePage,
  goOnPage,
  noConnectionPage,
  onwardPage,
  postPage,
  toIdpPage,
} from '../../src/login/pages.ts'
import { refusedPage, startAgainPage } from '../../src/login/refused-page.ts'
import { HOME } from '../../src/login/return-to.ts'
import { switchPage } from '../../src/login/switch.ts'
import { signedInPage } from '../../src/login/window-pages.ts'
import { explain } from '../../src/policy/explain.ts'
import type { Rule } from '../../src/policy/policy.ts'
import { ambiguous, loops, noRoute, originFailed } from '../../src/proxy/answers.ts'
import { askToLogIn } from '../../src/proxy/ask-to-log-in.ts'
import { deviceNeeded } from '../../src/proxy/device-needed.ts'
import { denied } from '../../src/proxy/denied.ts'
import type { SiteVisit } from '../../src/site/visit.ts'
import { liveOf, noon, siteOf, visitOf } from './site.ts'

type Pages = (visit: SiteVisit) => readonly Promise<Response>[]

export interface AllPages {
  /** By the name of the function that makes the page. */
  readonly pages: Readonly<Record<string, Pages>>
  readonly visitIn: (speech: Speech, brand?: Brand) => SiteVisit
}

/** @param given what operators and visitors say on them: names, addresses, groups. */
export function pagesOf(given: string): AllPages {
  const onward = parseOnward('https://12.12/1', [{ origin: 'https://12.12', path: '/' }])
  const site = siteOf({
    url: 'https://12.12',
    routes: [{ path: '/', policy: { kind: 'signed-in' } }],
    denied: { words: null, rule: 'shown' },
  })
  const live = liveOf({ email: given, userName: given, displayName: given, signIn: given }, [])
  const navigation = {
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
    Accept: 'text/html',
  }
  const request = new Request('https://12.12/', { headers: navigation })
  const longRequest = new Request(`https://12.12/?${'1'.repeat(3000)}`, { headers: navigation })

  const everyRule: readonly Rule[] = [
    { kind: 'signed-in' },
    { kind: 'group', name: given, connection: given },
    { kind: 'group-id', id: given, connection: null },
    { kind: 'email', email: given, connection: null },
    { kind: 'email-domain', domain: given, connection: null },
    { kind: 'attribute', name: given, values: [given, given], connection: null },
    { kind: 'has-attribute', name: given, connection: null },
    { kind: 'connection', connection: given },
    { kind: 'service', name: given },
    { kind: 'device-bound' },
    { kind: 'country', countries: [given, given] },
    { kind: 'ip', ranges: [{ text: given, prefix: given }] },
    { kind: 'method', methods: [given] },
    { kind: 'authn-context', classes: [given] },
    { kind: 'signed-in-within', seconds: 7200 },
    { kind: 'session-within', seconds: 90 },
    { kind: 'hours', from: 0, to: 60, days: [1, 6], zone: 'UTC' },
    { kind: 'not', rule: { kind: 'signed-in' } },
    { kind: 'named', name: given, rule: { kind: 'any', of: [{ kind: 'signed-in' }] } },
  ]
  const unknown = { values: [], isComplete: false }
  const stranger = {
    service: null,
    connection: given,
    email: null,
    groups: unknown,
    groupIds: unknown,
    attributes: null,
    signedInAt: null,
    authnInstant: null,
    authnContext: null,
    isDeviceBound: null,
  }
  const asks = { methods: ['1'], country: null, ip: null }
  const everyReason = explain(
    { kind: 'not', rule: { kind: 'any', of: everyRule } },
    { person: stranger, asks },
    noon,
  )

  const responses: readonly LoginError[] = [
    { reason: 'unsigned' } as const,
    { reason: 'authn-too-old', authnInstant: '', asked: '' } as const,
    { reason: 'authn-context', found: [], asked: [] } as const,
    ...['', 'AuthnFailed', 'NoAuthnContext', 'RequestDenied', 'UnknownPrincipal'].map(
      (code) => ({ reason: 'status', codes: [`1:${code}`], message: null }) as const,
    ),
  ].map((error) => ({ reason: 'response', error }))
  const loginErrors: readonly LoginError[] = [
    ...(
      [
        'user-disabled',
        'unknown-login',
        'replayed',
        'anew-in-vain',
        'session-over',
        'transfer-expired',
      ] as const
    ).map((reason) => ({ reason })),
    { reason: 'not-provisioned', join: 'email', subject: given },
    { reason: 'several-provisioned', join: 'email', subject: given },
    { reason: 'session-not-kept', found: 'none' },
    ...responses,
  ]

  const connection = {
    id: '1',
    displayName: given,
  } as Connection
  const form: KeptForm = {
    id: '1',
    keptAt: noon,
    userId: null,
    target: '/1',
    from: '/2',
    contentType: 'application/x-www-form-urlencoded',
    body: utf8(Array.from({ length: 40 }, (_, i) => `${i}=1`).join('&')),
  }
  const oneMore = { ...form, body: utf8(Array.from({ length: 31 }, (_, i) => `${i}=1`).join('&')) }
  const textForm: KeptForm = { ...form, contentType: 'text/plain', body: utf8('1') }
  const broken: KeptForm = { ...form, contentType: 'multipart/form-data', body: utf8('1') }
  const fileForm: KeptForm = {
    ...form,
    contentType: 'multipart/form-data; boundary=1',
    body: utf8(
      '--1\r\nContent-Disposition: form-data; name="1"; filename="2"\r\n\r\n12\r\n--1--\r\n',
    ),
  }

  const openSites = Array.from({ length: 12 }, (_, i) => ({
    name: `${given} ${i + 100}`,
    description: null,
    icon: '1',
    url: 'https://12.12/',
  }))
  const signInAt = (id: string, seconds: number, device: string | null) => ({
    id,
    device,
    country: 'DE',
    openedAt: noon,
    lastSeenAt: toInstant(noon - seconds * 1000),
    hosts: [given],
    boundHosts: [given],
    session: 'a session',
  })
  const home = {
    path: '/',
    live,
    sites: openSites,
    signIns: [
      signInAt(given, 0, 'Firefox on Linux'),
      signInAt('2', 30, null),
      signInAt('3', 7200, 'Safari'),
      signInAt('4', 86_400, 'Chrome on Windows'),
    ],
    nameOf: () => given,
    grants: [
      {
        id: '1',
        userId: '1',
        userName: given,
        connection: given,
        client: '1',
        clientName: given,
        clientKind: 'listed' as const,
        site: given,
        grantedAt: noon,
        lastUsedAt: noon,
        expiresAt: noon,
      },
    ],
    search: '',
    zone: 'UTC',
  }

  const listed: Client = {
    id: '1',
    kind: 'listed',
    name: given,
    redirects: [],
    device: true,
    secretHash: null,
  }
  const clients: readonly Client[] = [
    listed,
    { ...listed, kind: 'document', id: 'https://12.12/1' },
    { ...listed, kind: 'loopback' },
  ]
  const named = siteOf({ url: site.url, shown: { name: given, description: null, icon: '1' } })
  const asked = readAsked(new URLSearchParams({ state: given }))
  const nowhere = { country: null, network: null }
  const waiting = { codeHash: '1', client: '1', site: '1', askedAt: noon, ...nowhere }
  const oauthDeps = {
    terms: { absoluteSeconds: 86_400 },
    loginHost: { url: 'https://12.12' },
  } as OauthDeps

  const shown = { again: null, headers: {} }
  const anew = { again: { connection: '1', contexts: [] }, headers: {} }
  const audit = () => undefined
  const formDeps = {} as FormDeps
  const choices = {
    last: null,
    listed: [connection],
    isEmailAsked: false,
    returnTo: HOME,
    isFresh: false,
    unknownEmail: null,
  }

  const pages: Readonly<Record<string, Pages>> = {
    leadOn: (visit) => [onwardPage(visit, '/1'), toIdpPage(visit, '/1', HOME)],
    postPage: (visit) => [postPage(visit, 'https://12.12/', { 1: '2' }, HOME)],
    choosePage: (visit) => [
      choosePage(visit, choices),
      choosePage(visit, { ...choices, isEmailAsked: true, unknownEmail: given }),
      choosePage(visit, { ...choices, isEmailAsked: true, unknownEmail: given, listed: [] }),
      choosePage(visit, { ...choices, isEmailAsked: true, last: connection }),
    ],
    goOnPage: (visit) => [goOnPage(visit, { person: given, site: given, returnTo: HOME })],
    noConnectionPage: (visit) => [noConnectionPage(visit)],
    refusedPage: (visit) =>
      loginErrors.map((error) =>
        refusedPage(visit, {
          shown: toPublic(error, visit.words()),
          as: { person: given, provider: given },
          connection: null,
          returnTo: HOME,
        }),
      ),
    startAgainPage: (visit) => [startAgainPage(visit, '1', HOME)],
    signOutPage: (visit) => [
      signOutPage(visit, { site: null, provider: null, onward: null }),
      signOutPage(visit, { site: null, provider: given, onward }),
      signOutPage(visit, { site: given, provider: given, onward: null }),
    ],
    signedOutPage: (visit) => [
      signedOutPage(visit, { returnTo: HOME, isHereOnly: true, signOutUrl: null, onward }),
      signedOutPage(visit, { returnTo: HOME, isHereOnly: false, signOutUrl: '/1', onward: null }),
    ],
    toLoginHostPage: (visit) => [toLoginHostPage(visit, '/1')],
    signOutAtIdpPage: (visit) => [
      signOutAtIdpPage(visit, given, { binding: 'redirect', url: 'https://12.12/1' }),
      signOutAtIdpPage(visit, given, {
        binding: 'post',
        url: 'https://12.12/1',
        fields: { SAMLRequest: '1' },
      }),
    ],
    answerPage: (visit) => [
      answerPage(
        visit,
        given,
        { binding: 'post', url: 'https://12.12/1', fields: { SAMLResponse: '1' } },
        ['https://12.12'],
      ),
    ],
    donePage: (visit) =>
      outcomes.flatMap((outcome) => [
        donePage(visit, { provider: given, outcome, onward: null, back: '/1' }),
        donePage(visit, { provider: given, outcome, onward, back: '/1' }),
      ]),
    signedOutByIdpPage: (visit) => [signedOutByIdpPage(visit, given)],
    refusedLogoutPage: (visit) => [
      refusedLogoutPage(visit, { status: 403, text: 'logout-refused' }),
      refusedLogoutPage(visit, { status: 400, text: 'logout-unknown' }),
    ],
    signedInPage: (visit) => [signedInPage(visit)],
    backPage: (visit) => [backPage(visit)],
    switchPage: (visit) => [switchPage(visit, { present: given, coming: given, login: '1' })],
    homePage: (visit) => [
      homePage(visit, home),
      homePage(visit, { ...home, sites: [] }),
      homePage(visit, { ...home, search: '999' }),
      homePage(visit, { ...home, search: '101' }),
      homePage(visit, { ...home, search: '10' }),
    ],
    consentPage: (visit) =>
      clients.flatMap((client) =>
        ['https://12.12/1', 'http://127.0.0.1/1'].map((redirect) =>
          consentPage(visit, { asked, client, redirect, site: named, live }, oauthDeps),
        ),
      ),
    toClientPage: (visit) => [toClientPage(visit, given, 'https://12.12/1')],
    closedPage: (visit) => [
      closedPage(visit, { site: named, back: 'https://12.12/1' }),
      closedPage(visit, { site: named, back: null }),
    ],
    faultPage: (visit) => [
      ...(['frame', 'long', 'request', 'client', 'redirect'] as const).map((fault) =>
        faultPage(visit, fault),
      ),
      faultPage(visit, 'refused', { why: given, back: 'https://12.12/1' }),
    ],
    deviceEntryPage: (visit) => [
      deviceEntryPage(visit, null),
      deviceEntryPage(visit, 'deviceUnknown'),
      deviceEntryPage(visit, 'deviceTooMany'),
    ],
    devicePage: (visit) =>
      [{ country: 'DE', network: '1' }, nowhere].map((from) =>
        devicePage(
          visit,
          {
            userCode: given,
            device: { ...waiting, ...from },
            client: listed,
            site: named,
            live,
            zone: 'UTC',
          },
          oauthDeps,
        ),
      ),
    deviceDonePage: (visit) => [
      deviceDonePage(visit, 'deviceDone'),
      deviceDonePage(visit, 'deviceRefused'),
    ],
    keptPage: (visit) => [keptPage(visit, '1', shown), keptPage(visit, '1', anew)],
    notKeptPage: (visit) => [
      notKeptPage(visit, true, shown),
      notKeptPage(visit, false, shown),
      notKeptPage(visit, false, anew),
    ],
    confirmPage: (visit) =>
      [form, oneMore, textForm, broken, fileForm].map((each) =>
        confirmPage(visit, each, '1', live),
      ),
    otherPersonPage: (visit) => [otherPersonPage(visit)],
    sentBeforePage: (visit) => [sentBeforePage(visit, form)],
    spoiltPage: (visit) => [spoiltPage(visit)],
    rememberAddress: (visit) => [
      askToLogIn(
        longRequest,
        { ...visit, url: new URL(longRequest.url) },
        { reading: { kind: 'none' }, sent: null, anew: null },
        formDeps,
      ),
    ],
    showRefusal: (visit) => [
      deviceNeeded(request, visit),
      ambiguous(request, visit),
      noRoute(request, visit),
      loops(request, visit),
      originFailed(request, visit, 502),
      originFailed(request, visit, 504),
      denied(request, visit, { live, why: everyReason }),
      denied(request, { ...visit, site: siteOf({ url: site.url }) }, { live, why: everyReason }),
    ],
    answer: (visit) => [
      lastResort(new StoreUnavailable('D1', '1', null), request, visit, audit),
      answerWith('temporarily-unavailable', request, visit),
      answerWith('too-many-requests', request, visit),
      answerWith('unknown-host', request, visit),
      answerWith('bad-address', request, visit),
      answerWith('not-found', request, visit),
    ],
  }

  const visitIn = (speech: Speech, brand?: Brand): SiteVisit => {
    const visit = visitOf(site)
    const words = visit.words()
    const spoken = { ...words, ...speech, brand: brand ?? words.brand }
    return { ...visit, requestId: '1', words: () => spoken }
  }
  return { pages, visitIn }
}
