/** The commands that are more than their operation. */
import type { Face } from './face.ts'
import { connectionAddFace, connectionShowFace, connectionUpdateFace } from './connection/face.ts'

/** By the name of the operation. */
export const faces: Readonly<Record<string, Face>> = {
  'connection add': connectionAddFace,
  'connection show': connectionShowFace,
  'connection update': connectionUpdateFace,
}
