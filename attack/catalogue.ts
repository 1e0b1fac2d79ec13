import { algorithm } from './catalogue/algorithm.ts'
import { document } from './catalogue/document.ts'
import { encryption } from './catalogue/encryption.ts'
import { keys } from './catalogue/keys.ts'
import { own } from './catalogue/own.ts'
import { profile } from './catalogue/profile.ts'
import { shape } from './catalogue/shape.ts'
import { transport } from './catalogue/transport.ts'
import { wrapping } from './catalogue/wrapping.ts'
import type { Entry } from './entry.ts'

export const catalogue: readonly Entry[] = [
  ...algorithm,
  ...profile,
  ...keys,
  ...shape,
  ...wrapping,
  ...document,
  ...encryption,
  ...transport,
  ...own,
]
