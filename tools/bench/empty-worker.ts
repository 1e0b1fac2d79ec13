/** What it takes to start at all. */
export default { fetch: () => new Response('nothing') } satisfies ExportedHandler
