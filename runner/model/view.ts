/** The nodes that page, terminal and log draw. A kind says what to show; only the renderers know how. */
export type View =
  | { type: 'text'; text: string }
  | { type: 'code'; code: string; lang: string; label?: string }
  | { type: 'field'; name: string; value: string }
  | { type: 'list'; items: string[] }
  | { type: 'link'; text: string; href: string }
  | { type: 'status'; ok: boolean; text: string }
