/** Every page of ours in every language. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSources } from '../scripts/imports.ts'
import type { Connection } from '../src/connection/connection.ts'
import type { FormDeps } from '../src/form/keep.ts'
import type { KeptForm } from '../src/form/kept.ts'
import {
  confirmPage,
  keptPage,
  notKeptPage,
  otherPersonPage,
  sentBeforePage,
  spoiltPage,
} from '../src/form/pages.ts'
import { homePage } from '../src/home/page.ts'
import { lastResort, notAnAddress, notFound, notOurs, unavailable } from '../src/http.ts'
import { utf8 } from '../src/lib/bytes.ts'
import { toInstant } from '../src/lib/instant.ts'
import { StoreUnavailable } from '../src/lib/store-error.ts'
import { languages, type Language } from '../src/lib/words/language.ts'
import { say, speechOf, type Speech } from '../src/lib/words/speech.ts'
import type { Texts } from '../src/lib/words/texts.ts'
import { backPage } from '../src/login/back-page.ts'
import { toPublic, type LoginError } from '../src/login/error.ts'
import { signOutPage, signedOutPage } from '../src/login/logout-pages.ts'
import {
  choosePage,
  goOnPage,
  noConnectionPage,
  onwardPage,
  postPage,
  refusedPage,
  startAgainPage,
  toIdpPage,
} from '../src/login/pages.ts'
import { HOME } from '../src/login/return-to.ts'
import { switchPage } from '../src/login/switch.ts'
import { signedInPage } from '../src/login/window-pages.ts'
import { explain } from '../src/policy/explain.ts'
import type { Rule } from '../src/policy/policy.ts'
import { ambiguous, loops, noRoute, originFailed } from '../src/proxy/answers.ts'
import { askToLogIn } from '../src/proxy/ask-to-log-in.ts'
import { denied } from '../src/proxy/denied.ts'
import type { SiteVisit } from '../src/site/visit.ts'
import { liveOf, noon, siteOf, visitOf } from './support/site.ts'

/** What operators and visitors say. No letter is in it, so each letter of a page is ours. */
const GIVEN = '12'

const site = siteOf({
  url: 'https://12.12',
  routes: [{ path: '/', policy: { kind: 'signed-in' } }],
  denied: { words: null, rule: 'shown' },
})
const live = liveOf({ email: GIVEN, userName: GIVEN, displayName: GIVEN, signIn: GIVEN }, [])
const navigation = {
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Dest': 'document',
  Accept: 'text/html',
}
const request = new Request('https://12.12/', { headers: navigation })
const longRequest = new Request(`https://12.12/?${'1'.repeat(3000)}`, { headers: navigation })

const everyRule: readonly Rule[] = [
  { kind: 'signed-in' },
  { kind: 'group', name: GIVEN, connection: GIVEN },
  { kind: 'group-id', id: GIVEN, connection: null },
  { kind: 'email', email: GIVEN, connection: null },
  { kind: 'email-domain', domain: GIVEN, connection: null },
  { kind: 'attribute', name: GIVEN, values: [GIVEN, GIVEN], connection: null },
  { kind: 'has-attribute', name: GIVEN, connection: null },
  { kind: 'connection', connection: GIVEN },
  { kind: 'country', countries: [GIVEN, GIVEN] },
  { kind: 'ip', ranges: [{ text: GIVEN, prefix: GIVEN }] },
  { kind: 'method', methods: [GIVEN] },
  { kind: 'authn-context', classes: [GIVEN] },
  { kind: 'signed-in-within', seconds: 7200 },
  { kind: 'session-within', seconds: 90 },
  { kind: 'hours', from: 0, to: 60, days: [1, 6], zone: 'UTC' },
  { kind: 'not', rule: { kind: 'signed-in' } },
  { kind: 'named', name: GIVEN, rule: { kind: 'any', of: [{ kind: 'signed-in' }] } },
]
const unknown = { values: [], isComplete: false }
const stranger = {
  connection: GIVEN,
  email: null,
  groups: unknown,
  groupIds: unknown,
  attributes: null,
  signedInAt: null,
  authnInstant: null,
  authnContext: null,
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
  { reason: 'not-provisioned', join: 'email', subject: GIVEN },
  { reason: 'several-provisioned', join: 'email', subject: GIVEN },
  { reason: 'session-not-kept', found: 'none' },
  ...responses,
]

const connection = {
  id: '1',
  displayName: GIVEN,
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
  name: String(i + 100),
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
  hosts: [GIVEN],
})
const home = {
  path: '/',
  live,
  sites: openSites,
  signIns: [
    signInAt(GIVEN, 0, '1 on 2'),
    signInAt('2', 30, null),
    signInAt('3', 7200, '1'),
    signInAt('4', 86_400, '1 on 2'),
  ],
  nameOf: () => GIVEN,
  search: '',
  zone: 'UTC',
}

type Pages = (visit: SiteVisit) => readonly Promise<Response>[]
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

/** By the function that makes the page. */
const pages: Readonly<Record<string, Pages>> = {
  leadOn: (visit) => [onwardPage(visit, '/1'), toIdpPage(visit, '/1', HOME)],
  postPage: (visit) => [postPage(visit, 'https://12.12/', { 1: '2' }, HOME)],
  choosePage: (visit) => [
    choosePage(visit, choices),
    choosePage(visit, { ...choices, isEmailAsked: true, unknownEmail: GIVEN }),
    choosePage(visit, { ...choices, isEmailAsked: true, unknownEmail: GIVEN, listed: [] }),
    choosePage(visit, { ...choices, isEmailAsked: true, last: connection }),
  ],
  goOnPage: (visit) => [goOnPage(visit, { person: GIVEN, site: GIVEN, returnTo: HOME })],
  noConnectionPage: (visit) => [noConnectionPage(visit)],
  refusedPage: (visit) =>
    loginErrors.map((error) =>
      refusedPage(visit, {
        shown: toPublic(error, visit.words),
        as: { person: GIVEN, provider: GIVEN },
        connection: null,
        returnTo: HOME,
      }),
    ),
  startAgainPage: (visit) => [startAgainPage(visit, '1', HOME)],
  signOutPage: (visit) => [signOutPage(visit, null), signOutPage(visit, GIVEN)],
  signedOutPage: (visit) => [
    signedOutPage(visit, { returnTo: HOME, isHereOnly: true, signOutUrl: null }, {}),
    signedOutPage(visit, { returnTo: HOME, isHereOnly: false, signOutUrl: '/1' }, {}),
  ],
  signedInPage: (visit) => [signedInPage(visit)],
  backPage: (visit) => [backPage(visit)],
  switchPage: (visit) => [switchPage(visit, { present: GIVEN, coming: GIVEN, login: '1' })],
  homePage: (visit) => [
    homePage(visit, home),
    homePage(visit, { ...home, sites: [] }),
    homePage(visit, { ...home, search: '999' }),
    homePage(visit, { ...home, search: '101' }),
    homePage(visit, { ...home, search: '10' }),
  ],
  keptPage: (visit) => [keptPage(visit, '1', shown), keptPage(visit, '1', anew)],
  notKeptPage: (visit) => [
    notKeptPage(visit, true, shown),
    notKeptPage(visit, false, shown),
    notKeptPage(visit, false, anew),
  ],
  confirmPage: (visit) =>
    [form, oneMore, textForm, broken, fileForm].map((each) => confirmPage(visit, each, '1', live)),
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
  refuse: (visit) => [
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
    unavailable(request, visit),
    notOurs(request, visit),
    notAnAddress(request, visit),
    notFound(request, visit),
  ],
}

const visitIn = (speech: Speech): SiteVisit => {
  const visit = visitOf(site)
  return { ...visit, requestId: '1', words: { ...visit.words, ...speech } }
}
const rendered = (name: string, speech: Speech): Promise<readonly Response[]> =>
  Promise.all(pages[name]?.(visitIn(speech)) ?? [])

/** What a person sees or hears of a page. */
function textOf(page: string): string {
  const named = [...page.matchAll(/(?:aria-label|alt|placeholder|title)="([^"]*)"/g)]
  const seen = page.replace(/<(style|script)[^]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ')
  return [seen, ...named.map(([, text = '']) => text)]
    .join(' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ')
}
const textsOf = async (name: string, speech: Speech): Promise<readonly string[]> =>
  Promise.all((await rendered(name, speech)).map(async (page) => textOf(await page.text())))

const root = join(import.meta.dirname, '..', 'src')

/** Names of the functions that render a page. */
const renderers = [...readSources(root)].flatMap(([file, source]) =>
  file.endsWith('lib/page.ts')
    ? []
    : source
        .split(/^(?=(?:export )?(?:async )?(?:function|const) )/m)
        .filter((declared) => declared.includes('renderPage('))
        .map((declared) => /(?:function|const) (\w+)/.exec(declared)?.[1] ?? ''),
)

/** Every text of a catalogue, with where it stands. */
const flat = (texts: object, at = ''): readonly (readonly [string, string])[] =>
  Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${at}${key}`, value] as const] : flat(value, `${at}${key}.`),
  )
const flatIn = (language: Language) => flat(speechOf(language).texts)
const others = languages.filter((each) => each !== 'en')
const holesIn = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).toSorted()

/** A language without letters: only what is filled in can be read. */
const marked = (value: unknown): unknown =>
  typeof value === 'string'
    ? `(${holesIn(value).join(' ')})`
    : Array.isArray(value)
      ? value.map(marked)
      : Object.fromEntries(
          Object.entries(value as object).map(([key, each]) => [key, marked(each)]),
        )
const wordless = { language: 'en', texts: marked(speechOf('en').texts) as Texts } as const

/** What the runtime says in the visitor's language. */
const ofIntl =
  /https:|24 Nov 2026, 12:00 UTC|UTC|Germany|\d+ (?:hours?|days?) ago|\d+ (?:hours|seconds)/g

describe('the catalogue', () => {
  it.each(others)('%s fills in what English does, in each text', (language) => {
    const english = flatIn('en')
    const other = flatIn(language)
    expect(other.map(([key]) => key)).toEqual(english.map(([key]) => key))
    const astray = other.filter(
      ([, text], i) => String(holesIn(text)) !== String(holesIn(english[i]?.[1] ?? '')),
    )
    expect(astray).toEqual([])
  })

  it.each(others)('%s says nothing in English', (language) => {
    const english = new Map(flatIn('en'))
    const same = flatIn(language).filter(([key, text]) => english.get(key) === text)
    // Words that are the same in both.
    const alike = ['{count} byte', '{count} bytes', 'Text', 'session', 'attributes']
    expect(same.filter(([, text]) => !alike.includes(text))).toEqual([])
  })

  it.each(languages)('%s has no text that is empty, cut or marked up', (language) => {
    expect(
      flatIn(language).filter(([, text]) => /^\s|\s$|^$|[<>&]|\.\.\.| {2}/.test(text)),
    ).toEqual([])
  })

  it('has every text on a page', () => {
    const source = [...readSources(root)]
      .filter(([file]) => !file.startsWith('lib/words/'))
      .map(([, each]) => each)
      .join('\n')
    const dead = Object.keys(speechOf('en').texts).filter(
      (key) => !new RegExp(`\\b${key.replace(/(One|Other)$/, '')}\\b`).test(source),
    )
    expect(dead).toEqual([])
  })
})

describe('a page', () => {
  it('is among these, whichever function makes it', () => {
    expect(renderers.toSorted()).toEqual(Object.keys(pages).toSorted())
  })

  describe.each(Object.keys(pages))('of %s', (name) => {
    it('has no text but those of the catalogue', async () => {
      for (const text of await textsOf(name, wordless)) {
        expect(text.replace(ofIntl, '').match(/\p{L}+/gu)).toBeNull()
      }
    })

    it.each(languages)('says its language: %s', async (language) => {
      for (const page of await rendered(name, speechOf(language))) {
        expect(page.headers.get('Content-Language')).toBe(language)
        expect(page.headers.get('Vary')).toMatch(/(^|, )Accept-Language$/)
        expect(await page.text()).toContain(`<html lang="${language}">`)
      }
    })

    it.each(others)('has no English in %s', async (language) => {
      const sentences = flatIn('en')
        .flatMap(([, text]) => text.split(/\{\w+\}/))
        .map((text) => text.trim())
        .filter((text) => /\S \S/.test(text))
      expect(sentences.length).toBeGreaterThan(100)
      for (const text of await textsOf(name, speechOf(language))) {
        expect(sentences.filter((sentence) => text.includes(sentence))).toEqual([])
      }
    })
  })
})

describe('numbers', () => {
  it.each([
    ['en', 'And 1 more field.', 'And 2 more fields.'],
    ['de', 'Und 1 weiteres Feld.', 'Und 2 weitere Felder.'],
    ['fr', 'Et 1 autre champ.', 'Et 2 autres champs.'],
  ] as const)('have the form that %s has for them', async (language, one, many) => {
    const visit = visitIn(speechOf(language))
    const says = async (more: number) => {
      const body = utf8(Array.from({ length: 30 + more }, (_, i) => `${i}=1`).join('&'))
      return textOf(await (await confirmPage(visit, { ...form, body }, '1', live)).text())
    }
    expect(await says(1)).toContain(one)
    expect(await says(2)).toContain(many)
  })
})

describe('what is filled in', () => {
  it('cannot write HTML, and no hole of a text', async () => {
    const visit = visitIn(speechOf('en'))
    const person = '<b>{site}</b>'
    const page = await (await goOnPage(visit, { person, site: '{person}', returnTo: HOME })).text()
    expect(page).toContain('You signed out of {person}.')
    expect(page).toContain('<strong>&lt;b&gt;{site}&lt;/b&gt;</strong>')
    expect(page).toContain('Continue as &lt;b&gt;{site}&lt;/b&gt;</button>')
    expect(say(visit.words, 'continueWith', { provider: '{provider}$&' })).toBe(
      'Continue with {provider}$&',
    )
  })
})
