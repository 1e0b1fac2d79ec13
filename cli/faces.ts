/** The commands that are more than their operation. */
import {
  connectionAddFace,
  connectionShowFace,
  connectionUpdateFace,
  findShownHost,
} from './connection/face.ts'
import { ok } from '../src/lib/result.ts'
import { plainFace, type Face } from './face.ts'
import { nameToken } from './scim.ts'
import { signalsAddFace, signalsFace, signalsVerifyFace } from './signals.ts'

/** A config with a fault must not keep a directory from its token. */
const findHostIfConfigured: Face['findHost'] = async (input, world) =>
  (await world.readConfig()).ok ? findShownHost(input, world) : ok(null)

/** By the name of the operation. */
export const faces: Readonly<Record<string, Face>> = {
  'connection add': connectionAddFace,
  'connection show': connectionShowFace,
  'connection update': connectionUpdateFace,
  'scim token create': { ...plainFace, findHost: findHostIfConfigured, leave: nameToken },
  'signals add': signalsAddFace,
  'signals verify': signalsVerifyFace,
  'signals list': signalsFace,
  'signals show': signalsFace,
}
