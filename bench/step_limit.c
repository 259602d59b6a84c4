/* Every convolution and matrix product of a step by itself. */
#include "step_bench.h"

#include "run/steps.h"
#include "timer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_contraction(const struct step_bench *bench, int index)
{
    const enum operation_kind kind = graph_node(bench->graph.graph, index)->operation.kind;
    return (kind == OP_CONV || kind == OP_CONV_DX || kind == OP_CONV_DW || kind == OP_MATMUL) &&
           bench->plan->buffer_of[index] != NO_BUFFER;
}

static bool same_work(const struct node *a, const struct node *b)
{
    return memcmp(&a->operation, &b->operation, sizeof a->operation) == 0 && shape_equal(&a->shape, &b->shape) &&
           shape_equal(&a->operand[0]->shape, &b->operand[0]->shape) &&
           shape_equal(&a->operand[1]->shape, &b->operand[1]->shape);
}

/* Numbers for the largest first and second operand: what they are does not matter, and drawing them takes longer than
 * most contractions. */
struct operands {
    float *a, *b;
};

static struct operands draw_operands(const struct step_bench *bench)
{
    int64_t most[2] = {1, 1};
    for (int i = 0; i < graph_nodes(bench->graph.graph); i++) {
        const struct node *node = graph_node(bench->graph.graph, i);
        for (int k = 0; k < 2 && is_contraction(bench, i); k++) {
            const int64_t elements = shape_elements(&node->operand[k]->shape);
            most[k] = elements > most[k] ? elements : most[k];
        }
    }
    return (struct operands){timer_numbers(most[0], 1), timer_numbers(most[1], 2)};
}

struct alone {
    double ours, onednn; /* seconds */
};

static struct alone time_alone(const struct node *node, const struct operands *operands, struct pool *pool, int repeats)
{
    const struct kernel_request request = {.operation = node->operation,
                                           .inputs = 2,
                                           .input = {node->operand[0]->shape, node->operand[1]->shape},
                                           .output = node->shape,
                                           .shards = SHARDS_DEFAULT};
    const int threads = pool_threads(pool);
    struct timed_kernel *timed = timed_kernel_new(&request, operands->a, operands->b, threads);
    const struct alone alone = {timed_kernel_run(timed, pool, repeats, NULL),
                                timer_onednn(&request, operands->a, operands->b, threads, repeats)};
    timed_kernel_free(timed);
    return alone;
}

struct step_limit step_limit_find(const struct step_bench *bench, int repeats)
{
    struct step_limit limit = {0};
    const struct graph *graph = bench->graph.graph;
    const int nodes = graph_nodes(graph);
    struct operands operands = draw_operands(bench);
    struct alone *known = calloc((size_t)nodes, sizeof *known);
    if (!known)
        exit(1);
    for (int i = 0; i < nodes; i++) {
        const struct node *node = graph_node(graph, i);
        if (!is_contraction(bench, i))
            continue;
        for (int k = 0; k < i && known[i].ours == 0; k++)
            if (known[k].ours > 0 && same_work(graph_node(graph, k), node))
                known[i] = known[k];
        if (known[i].ours == 0)
            known[i] = time_alone(node, &operands, bench->pool, repeats);
        limit.best += fmin(known[i].ours, known[i].onednn);
        limit.ours += known[i].ours;
        limit.onednn += known[i].onednn;
        limit.contractions++;
    }
    free(known);
    free(operands.a);
    free(operands.b);
    return limit;
}
