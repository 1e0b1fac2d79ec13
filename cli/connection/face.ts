/** Connections on the command line: metadata and certificates are files, and `--local` has an address. */
import type { Given } from '../../src/admin/field.ts'
import { decodeUtf8 } from '../../src/lib/bytes.ts'
import { ok, type Result } from '../../src/lib/result.ts'
import type { Host } from '../../src/site/host.ts'
import { switchOption, usage, type Failure, type Input, type World } from '../command.ts'
import { plainFace, withLines, type Done, type Face } from '../face.ts'
import { siteOption } from '../options.ts'
import { hostsOf, localNote } from '../sites.ts'
import { readCertificateFile, readSmallFile } from './source.ts'

async function readFiles(given: Given): Promise<Result<Given, Failure>> {
  const read = new Map(given)
  const [metadata] = given.get('metadata') ?? []
  if (metadata !== undefined && !/^https?:\/\//i.test(metadata)) {
    const bytes = await readSmallFile(metadata, '--metadata')
    if (!bytes.ok) return bytes
    const text = decodeUtf8(bytes.value)
    if (!text.ok) return usage(`--metadata: ${metadata} is not text in UTF-8.`)
    read.set('metadata', [text.value])
  }
  for (const option of ['certificate', 'add-certificate']) {
    const certificates: string[] = []
    for (const path of given.get(option) ?? []) {
      const certificate = await readCertificateFile(path, `--${option}`)
      if (!certificate.ok) return certificate
      certificates.push(certificate.value)
    }
    if (certificates.length > 0) read.set(option, certificates)
  }
  return ok(read)
}

/** With --local, the login host is that of `npm run dev`, unless --site names the deployed one. */
export async function findShownHost(input: Input, world: World): Promise<Result<Host, Failure>> {
  const config = await world.readConfig()
  if (!config.ok) return config
  const hosts = hostsOf(config.value, input, input.positionals[0] ?? '')
  if (!hosts.ok) return hosts
  const [loginHost = config.value.loginHost] = hosts.value
  return ok(loginHost)
}

async function noteOf({ input, world, host }: Done): Promise<readonly string[]> {
  const config = await world.readConfig()
  if (!config.ok || !host) return []
  return localNote(config.value, [host], input.positionals[0] ?? '')
}

const files = {
  placeholders: { metadata: 'url|file', certificate: 'file', 'add-certificate': 'file' },
  read: readFiles,
}

export const connectionAddFace: Face = {
  ...plainFace,
  ...files,
  options: [siteOption],
  examples: [
    {
      says: 'by its fields',
      line: 'npx gatehouse connection add acme --entity-id https://idp.acme.com --sso-url https://idp.acme.com/sso --certificate idp.pem --local',
    },
  ],
  findHost: findShownHost,
  leave: async (outcome, done) => {
    const [id = ''] = done.input.positionals
    const next = `Next: try a sign-in, which signs nobody in: \`npx gatehouse connection test ${id}\``
    const note = await noteOf(done)
    return withLines(outcome, [...(note.length > 0 ? note : ['']), next])
  },
}

export const connectionShowFace: Face = {
  ...plainFace,
  options: [siteOption],
  findHost: findShownHost,
  leave: async (outcome, done) => withLines(outcome, await noteOf(done)),
}

export const connectionUpdateFace: Face = {
  ...plainFace,
  ...files,
  switches: {
    enabled: {
      on: switchOption('enable', 'let people sign in with it again'),
      off: switchOption(
        'disable',
        'let nobody sign in with it, and end the sessions that it opened',
      ),
    },
  },
  examples: [
    {
      says: 'the next certificate, before the IdP uses it',
      line: 'npx gatehouse connection update acme --add-certificate next.pem --remote',
    },
    {
      says: 'let nobody sign in with it for now',
      line: 'npx gatehouse connection update acme --disable --remote',
    },
  ],
}
