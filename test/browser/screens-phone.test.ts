import { gallery } from "./harness/gallery";

gallery("phone");
