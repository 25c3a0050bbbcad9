/** Loaded with the first picture: most processes, commands above all, see none. */
let loading: Promise<typeof import('sharp').default> | undefined

/** The decoder, with every format shut off but those that make an avatar. */
export function loadSharp(): Promise<typeof import('sharp').default> {
  loading ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false)
    // As many threads as pictures: the machine has others to serve.
    sharp.concurrency(1)
    sharp.block({ operation: ['VipsForeignLoad'] })
    sharp.unblock({ operation: FORMATS.map((format) => `VipsForeignLoad${format}Buffer`) })
    return sharp
  })
  return loading
}

const FORMATS = ['Png', 'Jpeg', 'Webp', 'Nsgif']
