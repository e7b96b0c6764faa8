import { gallery } from "./harness/gallery";

gallery("desktop");
