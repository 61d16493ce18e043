import type { ShikiConfig } from '@astrojs/markdown-remark'

interface Element {
  properties: Record<string, unknown>
}

const classes = {
  name: 'classes',
  span({ properties }: Element): void {
    const { style } = properties
    const token =
      typeof style === 'string' ? /--(?:astro-code|shiki)-(?:token-)?([\w-]+)/.exec(style)?.[1] : undefined
    delete properties['style']
    if (token && token !== 'foreground') properties['class'] = `tk-${token}`
  },
  pre({ properties }: Element): void {
    delete properties['style']
    properties['class'] = 'code'
  },
}

/** Turns the style attributes of Shiki's css-variables theme into classes: the policy allows no inline style. */
export const shikiClasses = classes as unknown as NonNullable<ShikiConfig['transformers']>[number]
