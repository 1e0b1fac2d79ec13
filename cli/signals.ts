/** Streams of signals on the command line: a token is in a file, and `--local` has an address. */
import type { Given } from '../src/admin/field.ts'
import { decodeUtf8 } from '../src/lib/bytes.ts'
import { ok, type Result } from '../src/lib/result.ts'
import type { Host } from '../src/site/host.ts'
import { textOf, usage, type Failure, type Input, type World } from './command.ts'
import { readSmallFile } from './connection/source.ts'
import { plainFace, type Face } from './face.ts'
import { siteOption } from './options.ts'
import { hostOf } from './sites.ts'

/** A token on the command line would be in the history of the shell. */
async function readToken(given: Given): Promise<Result<Given, Failure>> {
  const [path] = given.get('token') ?? []
  if (path === undefined) return ok(given)
  const bytes = await readSmallFile(path, '--token')
  if (!bytes.ok) return bytes
  const text = decodeUtf8(bytes.value)
  const token = text.ok ? text.value.trim() : ''
  return token === '' || /\s/.test(token)
    ? usage(`--token: ${path} must have one token in it, and nothing else.`)
    : ok(new Map(given).set('token', [token]))
}

/** The host of --site. Stored streams can be shown without a config. */
async function findHost(input: Input, world: World): Promise<Result<Host | null, Failure>> {
  const config = await world.readConfig()
  return config.ok && textOf(input, 'site') !== null ? hostOf(config.value, input) : ok(null)
}

export const signalsFace: Face = { ...plainFace, options: [siteOption], findHost }
export const signalsVerifyFace: Face = {
  ...signalsFace,
  placeholders: { token: 'file' },
  read: readToken,
}
export const signalsAddFace: Face = {
  ...signalsVerifyFace,
  examples: [
    {
      says: 'a stream that the transmitter is asked for',
      line: 'npx gatehouse signals add https://example.okta.com --connection okta --token token.txt --remote',
    },
  ],
}
