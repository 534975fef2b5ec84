using NativeCnn.Backends.Managed;
using NativeCnn.Layers;
using NativeCnn.Networks;
using NativeCnn.Parameters;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Networks;

/// <summary>
/// The diagonal of second derivatives by forward passes alone: each layer's Jacobian by central differences, every
/// element squared, h_x = Σ (∂y/∂x)² h_y and h_w = Σ (∂y/∂w)² h_y. In float64; knows nothing of backward passes.
/// </summary>
internal static class SquaredJacobians
{
    private const double Step = 1e-5;

    /// <summary>Those of every trained parameter, summed over the examples, for an output whose own are 1.</summary>
    public static double[][] Propagate(Network network, double[] input, int batch)
    {
        using var backend = new ManagedBackend(ElementType.Float64);
        LayerAlone[] layers = [.. network.Nodes.Select(node => new LayerAlone(network, node, backend, batch))];
        double[] Source(int index, double[][] outputs) => index >= 0 ? outputs[index] : input;
        var values = new double[layers.Length][];
        for (int i = 0; i < layers.Length; i++)
            values[i] = layers[i].Output([.. network.Nodes[i].Inputs.Select(k => Source(k, values))]);
        double[][] derivatives = [.. values.Select(output => new double[output.Length])];
        Array.Fill(derivatives[network.Outputs[0]], 1);
        var found = new Dictionary<Parameter, double[]>();
        for (int i = layers.Length - 1; i >= 0; i--)
        {
            IReadOnlyList<int> reads = network.Nodes[i].Inputs;
            double[][] inputs = [.. reads.Select(k => Source(k, values))];
            for (int place = 0; place < inputs.Length; place++)
            {
                if (reads[place] < 0)
                    continue;
                double[] sums = derivatives[reads[place]];
                for (int k = 0; k < sums.Length; k++)
                    sums[k] += layers[i].Propagate(inputs, place, k, derivatives[i]);
            }
            foreach (Parameter parameter in network.Nodes[i].Layer.Parameters)
            {
                if (parameter.Role == ParameterRole.Trained)
                    found[parameter] = layers[i].Propagate(inputs, parameter, derivatives[i]);
            }
            layers[i].Dispose();
        }
        return [.. network.Parameters.Where(found.ContainsKey).Select(parameter => found[parameter])];
    }

    /// <summary>A layer as a network of its own, which nothing is fused into.</summary>
    private sealed class LayerAlone : IDisposable
    {
        private readonly CompiledNetwork _compiled;
        private readonly Tensor[] _inputs;

        public LayerAlone(Network network, NetworkNode node, ManagedBackend backend, int batch)
        {
            Shape[] shapes =
            [
                .. node.Inputs.Select(k => k >= 0 ? network.Nodes[k].OutputShape : network.InputShapes[0]),
            ];
            int[] places = [.. Enumerable.Range(0, shapes.Length).Select(i => NetworkNode.NetworkInput - i)];
            var alone = new NetworkNode(node.Layer, places, node.OutputShape);
            _compiled = new Network(node.Layer.Name, shapes, [alone], [0]).Compile(backend, batch, Phase.Inference);
            _inputs = [.. shapes.Select(shape => new Tensor(shape.WithBatchSize(batch), ElementType.Float64))];
        }

        public double[] Output(double[][] inputs)
        {
            for (int i = 0; i < inputs.Length; i++)
                TensorValues.Write(inputs[i], _inputs[i]);
            _compiled.Forward(_inputs);
            return TensorValues.Read(_compiled.Output);
        }

        /// <summary>Of an element of an input; of a value that is read twice each use counts by itself.</summary>
        public double Propagate(double[][] inputs, int place, int element, double[] derivatives)
        {
            double[] moved = [.. inputs[place]];
            double[][] with = [.. inputs];
            with[place] = moved;
            moved[element] = inputs[place][element] + Step;
            double[] above = Output(with);
            moved[element] = inputs[place][element] - Step;
            return Sum(above, Output(with), derivatives);
        }

        /// <summary>Of every element of a parameter.</summary>
        public double[] Propagate(double[][] inputs, Parameter parameter, double[] derivatives)
        {
            Tensor tensor = _compiled.Parameters.Single(slot => slot.Parameter == parameter).Value;
            double[] values = TensorValues.Read(tensor);
            var sums = new double[values.Length];
            for (int k = 0; k < values.Length; k++)
            {
                double value = values[k];
                tensor.AsSpan<double>()[k] = value + Step;
                double[] above = Output(inputs);
                tensor.AsSpan<double>()[k] = value - Step;
                sums[k] = Sum(above, Output(inputs), derivatives);
                tensor.AsSpan<double>()[k] = value;
            }
            return sums;
        }

        public void Dispose()
        {
            _compiled.Dispose();
            foreach (Tensor input in _inputs)
                input.Dispose();
        }

        private static double Sum(double[] above, double[] below, double[] derivatives)
        {
            double sum = 0;
            for (int i = 0; i < above.Length; i++)
            {
                double derivative = (above[i] - below[i]) / (2 * Step);
                sum += derivative * derivative * derivatives[i];
            }
            return sum;
        }
    }
}
