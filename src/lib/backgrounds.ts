/** What the colour of a brand stands on, in each theme: cards and the page behind them. */
export const backgrounds = {
  light: { paper: '#f4f2ee', card: '#ffffff' },
  dark: { paper: '#15181c', card: '#1e2227' },
} as const
