declare module '*?raw' {
  const text: string
  export default text
}

/** A Worker of an earlier version: test/vectors/builds. */
declare module '*.mjs.gz' {
  export const createGatehouse: typeof import('../src/app.ts').createGatehouse
  export const saveConnection: typeof import('../tools/stage/connection.ts').saveConnection
}

interface ImportMeta {
  glob(
    pattern: string,
    options: { query: '?raw'; eager: true; import: 'default' },
  ): Record<string, string>
  glob(pattern: string, options: { eager: true }): Record<string, object>
}
