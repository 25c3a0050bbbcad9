/** Why the catalogue may refuse. */
export type CatalogueRefusal =
  | { code: 'catalogue.product-not-found' } // unknown or unpublished
  | { code: 'catalogue.picture-not-found' }
