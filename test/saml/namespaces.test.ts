/** Namespaces in XML 1.0, where the vectors beside libxml2 do not say it alone. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { parseXml } from '../../src/saml/xml/reader.ts'
import { descendants } from '../../src/saml/xml/tree.ts'

const XML = 'http://www.w3.org/XML/1998/namespace'
const XMLNS = 'http://www.w3.org/2000/xmlns/'

describe('what is reserved (§3) cannot be declared', () => {
  it.each([
    ['the prefix xmlns', '<r xmlns:xmlns="urn:u"/>'],
    ['the namespace of xmlns, by its own prefix', `<r xmlns:xmlns="${XMLNS}"/>`],
    ['the namespace of xmlns, by another prefix', `<r xmlns:p="${XMLNS}"/>`],
    ['the namespace of xmlns, as the default one', `<r xmlns="${XMLNS}"/>`],
    ['the prefix xml, as another namespace', '<r xmlns:xml="urn:u"/>'],
    ['the namespace of xml, by another prefix', `<r xmlns:p="${XML}"/>`],
    ['the namespace of xml, as the default one', `<r xmlns="${XML}"/>`],
    ['a prefix, as no namespace', '<r xmlns:p=""/>'],
  ])('%s', (_, xml) => {
    expect(parseXml(utf8(xml))).toEqual({ ok: false, error: 'not-well-formed' })
  })

  it('but the prefix xml as what it is', () => {
    const read = parseXml(utf8(`<r xmlns:xml="${XML}" xml:lang="en"/>`))
    expect(read.ok && read.value.attributes[0]?.namespace).toBe(XML)
  })
})

it('an attribute named xmlns with a prefix declares nothing', () => {
  const read = parseXml(utf8('<r xmlns:p="urn:p" p:xmlns="urn:v"/>'))
  const attribute = { name: 'p:xmlns', prefix: 'p', local: 'xmlns', namespace: 'urn:p' }
  expect(read.ok && read.value.attributes).toEqual([{ ...attribute, value: 'urn:v' }])
  expect(read.ok && read.value.namespace).toBe('')
  expect(read.ok && [...read.value.declarations]).toEqual([['p', 'urn:p']])
})

it('an element without a declaration is in the namespace that its prefix has around it', () => {
  const read = parseXml(
    utf8(
      '<r xmlns="urn:1" xmlns:p="urn:p"><a xmlns=""><a/><p:a xmlns="urn:2"><a/><p:a/><p:a xmlns:p="urn:q"><a/><p:a/></p:a></p:a></a><a/></r>',
    ),
  )
  expect(read.ok && descendants(read.value).map(({ namespace }) => namespace)).toEqual(
    ['1', '', '', 'p', '2', 'p', 'q', '2', 'q', '1'].map((of) => of && `urn:${of}`),
  )
})

it('a declaration holds for attributes before it, and the default one for no attribute', () => {
  const read = parseXml(utf8('<r p:a="" b="" xmlns:p="urn:p" xmlns="urn:d"/>'))
  expect(read.ok && read.value.namespace).toBe('urn:d')
  expect(read.ok && read.value.attributes.map(({ namespace }) => namespace)).toEqual(['urn:p', ''])
})
