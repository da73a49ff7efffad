static volatile int sum;

/* Before main, in the supervisor. */
__attribute__((constructor)) static void once(void)
{
	sum = 0; /* counted: 1 */
}

void counted_in_c(int path)
{
	switch (path) {
	case 1:
		sum += 1; /* counted: 1 */
		break;
	case 2:
		sum += 2; /* counted: 1 */
		break;
	case 3:
		sum += 3; /* counted: 1 */
		break;
	case 4:
		sum += 4; /* counted: 1 */
		break;
	case 5:
		sum += 5; /* counted: 0 */
		break;
	}
}
