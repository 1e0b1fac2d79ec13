import { XMLBuilder } from 'fast-xml-parser'

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
})

/** Writes elements by name, in the order given; `@` begins an attribute. Escapes every value. */
export const writeXml = (document: Readonly<Record<string, unknown>>): string =>
  builder.build(document)
