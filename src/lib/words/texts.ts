import type { en } from './en.ts'
import type { enPrograms } from './programs-en.ts'
import type { enRefusals } from './refusals-en.ts'

type Translation<T> = T extends string ? string : { readonly [K in keyof T]: Translation<T[K]> }

/** What each language says. A language that lacks a text does not compile. */
export type Texts = Translation<typeof en>
export type ProgramTexts = Translation<typeof enPrograms>
export type RefusalTexts = Translation<typeof enRefusals>
