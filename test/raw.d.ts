declare module '*?raw' {
  const text: string
  export default text
}

interface ImportMeta {
  glob(
    pattern: string,
    options: { query: '?raw'; eager: true; import: 'default' },
  ): Record<string, string>
  glob(pattern: string, options: { eager: true }): Record<string, object>
}
