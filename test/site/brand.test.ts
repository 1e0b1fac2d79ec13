import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { contrastOf } from '../../src/lib/contrast.ts'
import { renderPage } from '../../src/lib/page.ts'
import { learnFor, wordsFor } from '../../src/lib/brand.ts'
import { html } from 'hono/html'

const site = {
  url: 'https://app.example.com',
  origin: 'https://origin.example.net',
  routes: [{ path: '/', access: 'signed-in' }],
}
const parsed = (brand: unknown) => parseConfig({ sites: [site], brand })
const faultsOf = (brand: unknown): readonly string[] => {
  const config = parsed(brand)
  return config.ok ? [] : config.error.map(({ at, problem }) => `${at} ${problem}`)
}
const brandOf = (brand: unknown) => {
  const config = parsed(brand)
  if (!config.ok) throw new Error(JSON.stringify(config.error))
  return config.value.brand
}

const svg = 'data:image/svg+xml;base64,PHN2Zy8+'

async function pageOf(brand: unknown, status = 200, language = 'en') {
  const request = new Request(site.url, { headers: { 'Accept-Language': language } })
  await learnFor(request, brandOf(brand))
  const reader = {
    learn: () => Promise.resolve(),
    words: () => wordsFor(request, brandOf(brand)),
    requestId: 'request-1',
  }
  const page = { status, title: 'Title', body: html`<p>Body</p>` }
  return (await renderPage(reader, page)).text()
}

describe('brand', () => {
  it('is ours where the config has none', async () => {
    expect(brandOf(undefined)).toEqual({
      name: null,
      logo: null,
      colours: { light: '#1f5f52', dark: '#6fc3ae' },
      support: null,
      languages: ['en', 'it', 'de', 'fr', 'es'],
      words: { choice: null, denied: null, footer: null },
    })
    const page = await pageOf({}, 403)
    expect(page).toContain('<title>Title</title>')
    expect(page).toContain('Protected by Gatehouse')
    expect(page).not.toContain('class="brand"')
    expect(page).not.toContain('class="help"')
  })

  it('shows its name on each page, and in the title', async () => {
    const page = await pageOf({ name: 'North & <b>wind' })
    expect(page).toContain('<title>Title · North &amp; &lt;b&gt;wind</title>')
    expect(page).toContain('<p class="brand">North &amp; &lt;b&gt;wind</p>')
  })

  it('shows its logo, with another one in the dark', async () => {
    const png = 'data:image/png;base64,iVBORw0KGgo='
    const one = await pageOf({ name: 'Northwind', logo: svg })
    expect(one).toContain(`<img src="${svg}" alt="Northwind" />`)
    expect(one).not.toContain('<source')
    const two = await pageOf({ logo: { light: svg, dark: png } })
    expect(two).toMatch(
      new RegExp(`<source media="\\(prefers-color-scheme: dark\\)"\\s+srcset="${png}" />`),
    )
    expect(two).toContain(`<img src="${svg}" alt="" />`)
  })

  it('may not load an image from elsewhere, nor a document in place of one', () => {
    for (const logo of [
      'https://cdn.example/logo.png',
      '/logo.png',
      'data:text/html;base64,PHNjcmlwdD4=',
      'data:image/svg+xml,<svg onload="x y"/>',
      `data:image/png;base64,${'A'.repeat(16_384)}`,
      7,
    ]) {
      expect(faultsOf({ logo })).toEqual([
        expect.stringMatching(/^brand\.logo must be an image as a data: URL of at most 16384 /),
      ])
    }
  })

  describe('a colour', () => {
    it.each([
      ['light', '#2f8a76'],
      ['light', '#ffcc00'],
      ['dark', '#1f5f52'],
      ['dark', '#000080'],
    ] as const)('for the %s theme that nobody can read is a fault: %s', (theme, colour) => {
      const ours = brandOf(undefined).colours
      const [fault = '', ...more] = faultsOf({ colours: { ...ours, [theme]: colour } })
      expect(more).toEqual([])
      const [, ratio, near] =
        /has a contrast of ([\d.]+) with the \w+ background, and buttons and links need 4\.5: (#[\da-f]{6}) is near and would do$/.exec(
          fault,
        ) ?? []
      expect(fault.startsWith(`brand.colours.${theme} `)).toBe(true)
      expect(Number(ratio)).toBeLessThan(4.5)
      // The proposal is taken.
      expect(faultsOf({ colours: { ...ours, [theme]: near } })).toEqual([])
    })

    // WCAG 2.2 §1.4.3: 4.5:1 for text. The card, the page, and the text on a button.
    it.each(['#1f5f52', '#0b57d0', '#b3261e', '#6a1b9a', '#000000'])(
      'that is taken can be read everywhere, in the dark too: %s',
      (light) => {
        const { dark } = brandOf({ colours: { light } }).colours
        for (const on of ['#ffffff', '#f4f2ee']) {
          expect(contrastOf(light, on)).toBeGreaterThanOrEqual(4.5)
        }
        for (const on of ['#10201c', '#15181c', '#1e2227']) {
          expect(contrastOf(dark, on)).toBeGreaterThanOrEqual(4.5)
        }
      },
    )

    it('is #rrggbb, and cannot write styles', () => {
      for (const light of ['red', '#abc', '#1f5f52;}', 'url(x)', '#1f5f5280', 5]) {
        expect(faultsOf({ colours: { light } })).toEqual([
          'brand.colours.light must be a colour such as #1f5f52',
        ])
      }
    })

    it('is in the style of each page', async () => {
      const page = await pageOf({ colours: { light: '#0b57d0', dark: '#a8c7fa' } })
      expect(page).toMatch(/:root \{ --brand: #0b57d0 \}\s+@media \(prefers-color-scheme: dark\)/)
      expect(page).toContain('--brand: #a8c7fa')
    })
  })

  describe('support', () => {
    it('is linked on pages that stop somebody, and on no other', async () => {
      const support = 'https://help.example.com/sso?a=1&b=2'
      expect(await pageOf({ support }, 403)).toContain(
        '<a href="https://help.example.com/sso?a=1&amp;b=2">Get help</a>',
      )
      expect(await pageOf({ support }, 503, 'de')).toContain('>Hilfe erhalten</a>')
      expect(await pageOf({ support })).not.toContain('help.example.com')
    })

    it('gets the request number in the subject of a mail', async () => {
      const page = await pageOf({ support: 'mailto:it@example.com' }, 500, 'fr')
      expect(page).toContain(
        'href="mailto:it@example.com?subject=Num%C3%A9ro%20de%20la%20demande%20request-1"',
      )
      expect(await pageOf({ support: 'mailto:it@example.com?subject=SSO' }, 500)).toContain(
        'href="mailto:it@example.com?subject=SSO"',
      )
    })

    it('is a link, and nothing that runs', () => {
      for (const support of [
        'javascript:alert(1)',
        'http://help.example.com',
        'data:text/html,x',
        'it@example.com',
        'https://',
        'https://help.example.com/a b',
        'tel:112',
      ]) {
        expect(faultsOf({ support })).toEqual([
          'brand.support must be a link: https://… or mailto:…',
        ])
      }
    })
  })

  describe('languages', () => {
    it('are those of the pages, the first for everybody else', async () => {
      const brand = { languages: ['de', 'fr'] }
      expect(await pageOf(brand, 200, 'fr')).toContain('<html lang="fr">')
      expect(await pageOf(brand, 200, 'it, en')).toContain('<html lang="de">')
    })

    it.each([[[]], [['en', 'pt']], ['en'], [['en', 'de', 'en']]])(
      'are a list of ours: %j',
      (languages) => {
        expect(faultsOf({ languages })).toEqual([expect.stringMatching(/^brand\.languages/)])
      },
    )
  })

  describe('words', () => {
    it('are in the language of the visitor, or one text for all', async () => {
      const words = { footer: { en: 'Northwind IT', de: 'Northwind-IT' } }
      const brand = { languages: ['en', 'de'], words }
      expect(await pageOf(brand, 200, 'de')).toContain('<p>Northwind-IT</p>')
      expect(await pageOf(brand)).toContain('<p>Northwind IT</p>')
      const one = await pageOf({ words: { footer: 'a <b> & c' } }, 200, 'es')
      expect(one).toContain('<p>a &lt;b&gt; &amp; c</p>')
      expect(one).not.toContain('Gatehouse')
    })

    it('are in each language of the pages', () => {
      expect(faultsOf({ words: { choice: { en: 'Use okta', de: 'Okta' } } })).toEqual(
        ['it', 'fr', 'es'].map(
          (each) =>
            `brand.words.choice has no text for ${each}: add it, or name the languages of your visitors in brand.languages`,
        ),
      )
      expect(
        faultsOf({ languages: ['de', 'en'], words: { choice: { en: 'Use okta', de: 'Okta' } } }),
      ).toEqual([])
    })

    it('are text of at most 300 characters', () => {
      for (const denied of ['', '  ', 'x'.repeat(301), 5, ['a']]) {
        expect(faultsOf({ words: { denied } }).length).toBe(1)
      }
      expect(faultsOf({ words: { denied: { en: '', pt: 'x' } } }).join('\n')).toMatch(
        /pt is not an option here/,
      )
    })
  })
})
