/**
 * One sentence in plain English for each event, for the console, the command line and webhooks. An
 * attacker may have chosen words in it: whatever shows it escapes it.
 */
import type { AuditEvent, Facts } from './event.ts'

export interface Told {
  readonly kind: string
  readonly connection: string | null
  /** The id of the user. */
  readonly user: string | null
  /** The user's name; null: not known. */
  readonly userName: string | null
  readonly facts: Facts
}

export function sentenceOf(event: Told): string {
  const says: ((of: Of) => string) | undefined = new Map(Object.entries(sentences)).get(event.kind)
  const { network, country } = event.facts
  const from = [country, network].filter((each) => typeof each === 'string').join(', ')
  // A kind of a newer or an older Gatehouse.
  const sentence = (says?.(toOf(event)) ?? event.kind).replace(/\.$/, '')
  return from === '' ? `${sentence}.` : `${sentence} (from ${from}).`
}

/** What sentences are made of. */
interface Of {
  readonly who: string
  readonly idp: string
  readonly hasConnection: boolean
  /** A fact as text; '' where there is none. */
  readonly fact: (name: string) => string
  /** How many a fact says, or how many items it lists. */
  readonly count: (name: string, one: string) => string
}

function toOf({ connection, user, userName, facts }: Told): Of {
  const fact = (name: string) => String(facts[name] ?? '')
  return {
    who: userName ?? (user === null ? fact('person') || 'Somebody' : `User ${user}`),
    hasConnection: connection !== null,
    idp: connection === null ? 'an unknown connection' : `"${connection}"`,
    fact,
    count: (name, one) => {
      const value = facts[name]
      const number = Array.isArray(value) ? value.length : Number(value ?? 0)
      return `${number} ${one}${number === 1 ? '' : 's'}`
    },
  }
}

const sentences: Readonly<Record<AuditEvent['kind'] | 'webhook-test', (of: Of) => string>> = {
  login: ({ who, idp, fact }) => `${who} signed in to ${fact('site')} with ${idp}.`,
  arrival: ({ who, idp, fact }) =>
    `${who}, who had signed in with ${idp}, came to ${fact('site')} and got a session there.`,
  'groups-omitted': ({ who, idp, fact }) =>
    `${idp} left out the groups of ${who} at the sign-in to ${fact('site')}, so pages for groups are closed to ${who}.`,
  'login-refused': ({ who, idp, fact }) =>
    `${who} could not sign in to ${fact('site')} with ${idp}: ${fact('explained') || fact('reason')}`,
  'access-denied': ({ who, fact }) =>
    `${who} may not open ${fact('path')} on ${fact('site')}: ${fact('reason')}.`,
  'session-refused': ({ who, fact }) =>
    `A request of ${who} to ${fact('site')} was refused: ${ended(fact('reason'))}.`,
  'session-ended': ({ who, fact }) =>
    `What ${who} had open on ${fact('site')} was closed: ${ended(fact('reason'))}.`,
  'device-bound': ({ who, fact }) =>
    `The session of ${who} at ${fact('site')} was bound to their device.`,
  'device-refused': ({ who, fact }) =>
    `A proof of the device of ${who} was refused at ${fact('site')}: ${fact('reason')}.`,
  'theft-stopped': ({ who, fact }) =>
    `The session of ${who} at ${fact('site')} came without the device that it is bound to, as a stolen cookie does. It was ended.`,
  logout: ({ who, fact }) => `${who} signed out of ${fact('site')}.`,
  'idp-logout': ({ who, idp, count }) =>
    `${who} was signed out by ${idp}: ${count('signIns', 'sign-in')} ended.`,
  'idp-logout-answered': ({ idp, fact }) => {
    const said = { all: 'did', partial: 'did, but not of every application', failed: 'did not' }
    const words = new Map(Object.entries(said)).get(fact('status')) ?? fact('status')
    return `${idp} was asked to sign a person out, and ${words}.`
  },
  'logout-refused': ({ idp, fact }) =>
    fact('reason') === 'logout-unanswered'
      ? `${idp} was asked to sign a person out. ${fact('explained')}`
      : `A message of ${idp} about sign-out was refused at ${fact('site')}: ${fact('explained') || fact('reason')}`,
  'sign-ins-ended': ({ who, count }) =>
    `${who} ended ${count('signIns', 'sign-in')} of their own in other browsers.`,
  'directory-changed': ({ idp, who, fact }) => {
    const [what = '', done = 'changed'] = fact('change').split('-')
    const group = fact('group') === '' ? fact('id') : `"${fact('group')}" (${fact('id')})`
    const name = what === 'user' ? who : `the group ${group}`
    return `The directory of ${idp} ${done} ${name}.`
  },
  'removals-held': ({ idp }) =>
    `The directory of ${idp} tried to remove more people than its removal guard allows. They stay in until an operator allows it.`,
  'scim-refused': ({ idp, fact }) =>
    fact('token') === ''
      ? `A directory without a valid token was refused: ${fact('reason')}`
      : `A request of the directory of ${idp} was refused with ${fact('status')}: ${fact('reason')}`,
  'token-refused': ({ fact }) =>
    `A token ${fact('name') && `of ${fact('name')} `}was refused at ${fact('site')}: ${notCounting(fact('reason'))}.`,
  'api-refused': ({ fact }) => {
    const what = fact('operation') === '' ? 'A request to the API' : `"${fact('operation')}"`
    const by = fact('token') === '' ? 'without a valid token' : `with the token ${fact('token')}`
    return `${what} ${by} was refused with ${fact('status')}: ${fact('reason')}`
  },
  signal: ({ idp, who, fact, count }) =>
    `A signal of ${idp} (${fact('event')}) was about ${who}: ${
      fact('why') === '' ? `${count('signIns', 'sign-in')} ended` : nothingEnded(fact('why'))
    }.`,
  'signal-refused': ({ idp, fact }) =>
    `A signal for ${idp} was refused: ${fact('reason')}. It ended nothing.`,
  'origin-failed': ({ fact }) =>
    `${fact('origin')}, the origin of ${fact('site')}, failed: ${fact('reason')}.`,
  'grant-made': ({ who, fact }) =>
    `${who} gave the program "${fact('name')}" access to ${fact('site')}${
      fact('by') === 'remembered' ? ' once more, without being asked' : ''
    }.`,
  'grant-ended': ({ who, fact }) => {
    const why = {
      person: `${who} took it back`,
      client: 'the program gave it back',
      code: 'its code was used a second time, or by another client',
      refresh: 'a refresh token was used a second time',
    }
    const said = new Map(Object.entries(why)).get(fact('reason')) ?? fact('reason')
    return `The access of the program ${fact('client')} to ${fact('site')}, given by ${who}, ended: ${said}.`
  },
  'grant-refused': ({ fact }) =>
    `The program ${fact('client')} asked for access and got none: ${fact('reason')}.`,
  'store-unavailable': ({ fact }) => `${fact('store')} failed during ${fact('during')}.`,
  'metadata-changed': ({ idp, count, fact }) =>
    `The metadata of ${idp} has changed: ${count('added', 'certificate')} added, ${count('removed', 'certificate')} removed${
      fact('ssoUrl') && `, people sign in at ${fact('ssoUrl')}`
    }${fact('sloUrls') && `, messages of logout go to ${fact('sloUrls').replaceAll(',', ' and ')}`}.`,
  'metadata-waits': ({ idp }) =>
    `The metadata of ${idp} has changed so that a person has to accept it.`,
  'metadata-failed': ({ idp, fact }) =>
    `The metadata of ${idp} cannot be used: ${fact('explained') || fact('reason')}`,
  'certificate-ends': ({ fact, count, hasConnection, idp }) =>
    `A certificate of ${hasConnection ? idp : 'Gatehouse'} ends in ${count('days', 'day')}, at ${fact('endsAt')}.`,
  'webhook-off': ({ fact }) =>
    `The webhook to ${fact('url')} was switched off: ${
      fact('reason') === 'gone' ? 'it wants no more messages' : 'it took no message for days'
    }.`,
  'webhook-gave-up': ({ fact, count }) =>
    `${count('messages', 'message')} to the webhook at ${fact('url')} ${
      fact('messages') === '1' ? 'was' : 'were'
    } given up: it did not take them in time.`,
  'webhook-test': ({ fact }) => `${fact('operator')} tries this webhook.`,
  operator: (of) => {
    const { fact } = of
    const command = new Map(Object.entries(commands)).get(fact('command'))
    const where = { cli: 'on the command line', console: 'in the console', api: 'by the API' }
    const face = new Map(Object.entries(where)).get(fact('actor')) ?? ''
    return `${fact('operator') || 'An operator'} ${command?.(of) ?? `did "${fact('command')}"`}${face && `, ${face}`}.`
  },
}

/** What an operator did, by the name of the operation. */
const commands: Readonly<Record<string, (of: Of) => string>> = {
  'user disable': ({ who }) => `disabled ${who}`,
  'user enable': ({ who }) => `enabled ${who}`,
  restore: ({ fact }) => `restored a backup of ${fact('madeAt')}`,
  'user erase': ({ idp }) => `erased a user of ${idp}`,
  'session revoke': ({ who, fact, count }) =>
    fact('session') === ''
      ? `ended ${count('sessions', 'session')} of ${who}`
      : `ended the session ${fact('session')} of ${who}`,
  'sign-in end': ({ who, idp, fact, count }) => {
    const of = { user: who, connection: `everybody by ${idp}`, everybody: 'everybody' }
    const people = new Map(Object.entries(of)).get(fact('of')) ?? `everybody at ${fact('site')}`
    return `ended ${count('signIns', 'sign-in')} of ${people}`
  },
  'client add': ({ fact }) => `registered the program "${fact('name')}"`,
  'client remove': ({ fact, count }) =>
    `removed the program ${fact('client')}, with ${count('grants', 'grant')} of people`,
  'grant revoke': ({ who, fact }) =>
    `took the program ${fact('client')} the access that ${who} gave it to ${fact('site')}`,
  'scim token create': ({ idp, fact }) =>
    `made the SCIM token "${fact('label')}" for the directory of ${idp}`,
  'scim token revoke': ({ fact }) => `revoked the SCIM token ${fact('token')}`,
  'scim allow-removals': ({ idp, fact }) =>
    `lets the directory of ${idp} remove any number of people until ${fact('allowedUntil')}`,
  'admin link': () => 'made a one-time link into the console',
  'admin enter': () => 'came into the console by a one-time link',
  'service-token create': ({ fact }) => `made the service token "${fact('name')}"`,
  'service-token rotate': ({ fact }) => `gave the service token "${fact('name')}" a new secret`,
  'service-token revoke': ({ fact }) => `revoked the service token "${fact('name')}"`,
  'admin token create': ({ fact }) => `made the API token "${fact('label')}"`,
  'admin token revoke': ({ fact }) => `revoked the API token ${fact('token')}`,
  'connection begin': ({ idp }) => `named the connection ${idp}, which has no metadata yet`,
  'scim hold-removals': ({ idp }) => `has the removal guard of ${idp} hold removals again`,
  'connection try': ({ idp }) => `began a test sign-in with ${idp}`,
  'connection handover': ({ idp }) => `made a hand-over link for the connection ${idp}`,
  'handover revoke': () => 'revoked a hand-over link',
  'connection refresh': ({ idp }) => `had the metadata of ${idp} read`,
  'connection accept-metadata': ({ idp }) => `accepted the changed metadata of ${idp}`,
  'signals add': ({ idp, fact }) =>
    `lets signals of ${fact('issuer')} end sign-ins of the connection ${idp}`,
  'signals verify': ({ fact }) => `asked ${fact('issuer')} to verify a stream of signals`,
  'signals remove': ({ fact }) => `removed a stream of signals of ${fact('issuer')}`,
  'connection add': ({ idp }) => `added the connection ${idp}`,
  'connection update': ({ idp }) => `changed the connection ${idp}`,
  'connection remove': ({ idp }) => `removed the connection ${idp}`,
  'keys rotate': () => 'ordered new keys of Gatehouse',
  'keys switch': ({ fact }) => `had requests signed with key set ${fact('to')}`,
  'keys retire': ({ fact }) => `removed key set ${fact('removed')}`,
  'webhook add': ({ fact }) => `added a webhook to ${fact('url')}`,
  'webhook update': ({ fact }) => `changed the webhook to ${fact('url')}`,
  'webhook remove': ({ fact }) => `removed the webhook to ${fact('url')}`,
  'webhook retry': ({ fact, count }) =>
    `ordered ${count('messages', 'message')} to the webhook at ${fact('url')} to be sent again`,
}

/** Why a signal ended nothing. */
const nothingEnded = (why: string): string =>
  `nothing ended, ${
    new Map([
      ['nobody', 'because nobody here has this name'],
      ['other-issuer', 'because the person belongs to another identity provider'],
      ['unknown-event', 'because Gatehouse does not know the event'],
      ['subject-unsupported', 'because Gatehouse does not read this kind of name'],
      [
        'critical-member',
        'because the transmitter calls a part of the name critical that Gatehouse cannot judge',
      ],
      ['too-many-people', 'because too many people have this name'],
    ]).get(why) ?? why
  }`

/** Why a token of a program does not count. */
const notCounting = (reason: string): string =>
  new Map([
    ['unknown', 'nobody knows it'],
    ['revoked', 'it is revoked'],
    ['expired', 'it has expired'],
    ['user-disabled', 'its owner is disabled'],
    ['connection-disabled', "its owner's connection is disabled"],
    ['misspelt', 'it is misspelt'],
    ['misplaced', 'it was not where a token belongs'],
    ['browser-password', 'a browser sent it as a password'],
    ['wrong-id', 'it came with the id of another token'],
  ]).get(reason) ?? reason

/** Why a session counts no more. */
const ended = (reason: string): string =>
  new Map([
    ['revoked', 'the session was ended'],
    ['user-disabled', 'the user is disabled'],
    ['connection-disabled', 'the connection is disabled'],
    ['no-device', 'it is bound to another device'],
    ['expired', 'the session was over'],
    ['idle', 'the session was idle for too long'],
  ]).get(reason) ?? reason
