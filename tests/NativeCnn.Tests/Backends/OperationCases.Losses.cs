using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

public static partial class OperationCases
{
    private static IEnumerable<OperationCase> Losses()
    {
        Shape[] shapes = [new(1, 1, 1, 1), new(3, 1, 1, 10), new(2, 1, 1, 17), new(65, 1, 1, 3), new(2, 1, 1, 1000)];
        (string Name, Filler Filler)[] logits =
        [
            ("small", Fillers.Uniform),
            // exp of these overflows float32 and float64 unless the maximum is taken off first.
            ("huge", Fillers.Between(-2000, 2000)),
        ];
        foreach (Shape shape in shapes)
        {
            foreach ((string name, Filler filler) in logits)
            {
                yield return new(
                    $"SoftmaxForward {shape}, {name} logits",
                    [Input("input", shape, filler), Overwritten("output", shape)],
                    shape.Channels,
                    Body((b, t) => b.SoftmaxForward(t[0], t[1]))
                );
                foreach (int count in new[] { shape.Batch, shape.Batch / 2 })
                {
                    int[] labels = [.. Enumerable.Range(0, count).Select(n => n * 7 % shape.Channels)];
                    yield return new(
                        $"SoftmaxCrossEntropy {shape}, {name} logits, {count} labels",
                        [Input("logits", shape, filler), Overwritten("logitGradient", shape)],
                        shape.Channels + count,
                        (b, t) => b.SoftmaxCrossEntropy(t[0], labels, 1.0 / shape.Batch, t[1])
                    );
                }
            }
            yield return new(
                $"SoftmaxCrossEntropy {shape}, loss only",
                [Input("logits", shape)],
                shape.Channels + shape.Batch,
                (b, t) => b.SoftmaxCrossEntropy(t[0], new int[shape.Batch], 1, null)
            );
            yield return new(
                $"SoftmaxBackward {shape}",
                [
                    Input("output", shape, Fillers.Between(0, 2f / shape.Channels)),
                    Input("outputGradient", shape),
                    Overwritten("inputGradient", shape),
                ],
                shape.Channels,
                Body((b, t) => b.SoftmaxBackward(t[0], t[1], t[2]))
            );
        }
        // Softmax is over all values of an example, whatever their shape.
        Shape maps = new(3, 2, 3, 4);
        yield return new(
            $"SoftmaxForward {maps}",
            [Input("input", maps), Overwritten("output", maps)],
            maps.ExampleCount,
            Body((b, t) => b.SoftmaxForward(t[0], t[1]))
        );
        Shape[] outputs = [new(1, 1, 1, 1), new(5, 1, 1, 10), new(3, 4, 5, 3)];
        foreach (Shape shape in outputs)
        {
            foreach (double factor in new[] { 0.5, 1 })
            {
                int count = (shape.Batch + 1) / 2;
                yield return new(
                    $"SquaredError {shape}, factor {factor}, {count} examples",
                    [Input("output", shape), Input("targets", shape), Overwritten("outputGradient", shape)],
                    shape.Count,
                    (b, t) => b.SquaredError(t[0], t[1], count, factor, 0.25, t[2])
                );
            }
            yield return new(
                $"SquaredError {shape}, loss only",
                [Input("output", shape), Input("targets", shape)],
                shape.Count,
                (b, t) => b.SquaredError(t[0], t[1], shape.Batch, 0.5, 1, null)
            );
        }
    }
}
