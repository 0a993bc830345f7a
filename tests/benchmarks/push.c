/* Two epidemics in plain scalar C: the yardstick of bench_epidemic.py.
 *
 * push: on the complete graph. Everybody who knows at the start of a round tells `fanout` different others; a copy is lost with chance `loss`; the
 * run is over when all know. `learned_at` (-1 for never) and `order` have room for `nodes` entries, `informed` for
 * `max_rounds` + 1. Returns the number of messages; `*rounds` is how many rounds it took.
 */
#include <stdint.h>
#include <stdlib.h>

static uint64_t state[2];

static uint64_t splitmix(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* xoroshiro128+ (Blackman and Vigna 2018) */
static inline uint64_t next(void)
{
    uint64_t a = state[0], b = state[1], sum = a + b;
    b ^= a;
    state[0] = ((a << 24) | (a >> 40)) ^ b ^ (b << 16);
    state[1] = (b << 37) | (b >> 27);
    return sum;
}

int64_t push(int32_t nodes, int32_t fanout, double loss, int32_t max_rounds, uint64_t seed,
             int32_t *learned_at, int32_t *order, int64_t *informed, int32_t *rounds)
{
    int32_t known = 1, now = 0, *targets = malloc(fanout * sizeof *targets);
    int64_t messages = 0;
    uint32_t lost_below = (uint32_t)(loss * 4294967295.0);
    state[0] = splitmix(&seed);
    state[1] = splitmix(&seed);
    for (int32_t i = 0; i < nodes; i++)
        learned_at[i] = -1;
    learned_at[0] = 0;
    order[0] = 0;
    informed[0] = 1;
    while (known < nodes && now < max_rounds) {
        int32_t senders = known;
        now++;
        for (int32_t s = 0; s < senders; s++) {
            int32_t sender = order[s];
            for (int32_t j = 0; j < fanout; j++) {
                /* the upper half of one draw is the target (multiply and shift), the lower half the loss */
                uint64_t draw;
                int32_t target;
                int again;
                do {
                    draw = next();
                    target = (int32_t)(((draw >> 32) * (uint64_t)(nodes - 1)) >> 32);
                    target += target >= sender;
                    again = 0;
                    for (int32_t e = 0; e < j; e++)
                        again |= targets[e] == target;
                } while (again);
                targets[j] = target;
                if ((uint32_t)draw >= lost_below && learned_at[target] < 0) {
                    learned_at[target] = now;
                    order[known++] = target;
                }
            }
        }
        messages += (int64_t)senders * fanout;
        informed[now] = known;
    }
    free(targets);
    *rounds = now;
    return messages;
}

/* told_once: the neighbours of node i are targets[starts[i]] to targets[starts[i + 1] - 1]; whoever learns the rumour tells
 * them all in the next round, once each. Returns the number of messages.
 */
int64_t told_once(int32_t nodes, const int32_t *starts, const int32_t *targets, double loss, uint64_t seed,
                  int32_t *learned_at, int32_t *order)
{
    int32_t first = 0, known = 1, now = 0;
    int64_t messages = 0;
    uint32_t lost_below = (uint32_t)(loss * 4294967295.0);
    state[0] = splitmix(&seed);
    state[1] = splitmix(&seed);
    for (int32_t i = 0; i < nodes; i++)
        learned_at[i] = -1;
    learned_at[0] = 0;
    order[0] = 0;
    while (first < known) {
        int32_t last = known;
        now++;
        for (; first < last; first++) {
            int32_t sender = order[first];
            for (int32_t e = starts[sender]; e < starts[sender + 1]; e++) {
                int32_t target = targets[e];
                messages++;
                if ((uint32_t)next() >= lost_below && learned_at[target] < 0) {
                    learned_at[target] = now;
                    order[known++] = target;
                }
            }
        }
    }
    return messages;
}
