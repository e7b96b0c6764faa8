declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface Options {
    url: string;
    dom_id: string;
    deepLinking?: boolean;
    defaultModelsExpandDepth?: number;
    docExpansion?: "list" | "full" | "none";
    validatorUrl?: string | null;
    persistAuthorization?: boolean;
  }
  export default function SwaggerUIBundle(options: Options): void;
}
