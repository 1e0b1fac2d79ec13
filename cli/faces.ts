/** The commands that are more than their operation. */
import {
  connectionAddFace,
  connectionShowFace,
  connectionUpdateFace,
  findShownHost,
} from './connection/face.ts'
import { ok } from '../src/lib/result.ts'
import { isConsoleSafe } from '../src/site/admins-config.ts'
import { refused } from './command.ts'
import { plainFace, type Face } from './face.ts'
import { nameToken } from './scim.ts'
import { signalsAddFace, signalsFace, signalsVerifyFace } from './signals.ts'

/** A config with a fault must not keep a directory from its token. */
const findHostIfConfigured: Face['findHost'] = async (input, world) =>
  (await world.readConfig()).ok ? findShownHost(input, world) : ok(null)

/**
 * A link into the console leads nowhere if the console stays shut. With --local the login host has
 * another address than in the config, so the operation cannot see that a site is at the same host.
 */
const findConsole: Face['findHost'] = async (_, world) => {
  const config = await world.readConfig()
  if (!config.ok) return ok(null)
  const { admins, loginHost, sites } = config.value
  return isConsoleSafe(admins, loginHost, sites)
    ? ok(null)
    : refused(
        "The console needs a host without a site. Set loginHost: { url: 'https://login.example.com' } in gatehouse.config.ts.",
      )
}

/** By the name of the operation. */
export const faces: Readonly<Record<string, Face>> = {
  'admin link': { ...plainFace, findHost: findConsole },
  'connection add': connectionAddFace,
  'connection handover': { ...plainFace, findHost: findConsole },
  'connection show': connectionShowFace,
  'connection update': connectionUpdateFace,
  'scim token create': { ...plainFace, findHost: findHostIfConfigured, leave: nameToken },
  'signals add': signalsAddFace,
  'signals verify': signalsVerifyFace,
  'signals list': signalsFace,
  'signals show': signalsFace,
}
