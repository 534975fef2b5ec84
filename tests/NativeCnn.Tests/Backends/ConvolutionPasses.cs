using NativeCnn.Backends;
using NativeCnn.Tensors;

namespace NativeCnn.Tests.Backends;

/// <summary>The three passes on values that the geometry determines.</summary>
internal sealed class ConvolutionPasses
{
    public ConvolutionPasses(IBackend backend, ConvolutionGeometry g, bool absolute = false)
    {
        ElementType type = backend.ElementType;
        var random = new Random(1);
        Input = Draw(random, g.Input);
        Filters = Draw(random, g.FilterShape);
        OutputGradient = Draw(random, g.Output);
        if (absolute)
        {
            foreach (double[] values in (double[][])[Input, Filters, OutputGradient])
            {
                for (int i = 0; i < values.Length; i++)
                    values[i] = Math.Abs(values[i]);
            }
        }
        using Tensor x = TensorValues.Tensor(g.Input, type, Input);
        using Tensor w = TensorValues.Tensor(g.FilterShape, type, Filters);
        using Tensor dz = TensorValues.Tensor(g.Output, type, OutputGradient);
        using Tensor z = new(g.Output, type);
        using Tensor dx = new(g.Input, type);
        using Tensor dw = new(g.FilterShape, type);
        ConvolutionPlan plan = backend.PlanConvolution(g);
        backend.ConvolutionForward(plan, x, w, null, Activation.Identity, z);
        backend.ConvolutionBackwardData(plan, dz, w, dx);
        backend.ConvolutionBackwardFilter(plan, x, dz, dw);
        Output = TensorValues.Read(z);
        InputGradient = TensorValues.Read(dx);
        FilterGradient = TensorValues.Read(dw);
    }

    public double[] Input { get; }

    public double[] Filters { get; }

    public double[] OutputGradient { get; }

    public double[] Output { get; }

    public double[] InputGradient { get; }

    public double[] FilterGradient { get; }

    private static double[] Draw(Random random, Shape shape)
    {
        var values = new double[shape.Count];
        Fillers.Uniform(random, values);
        return values;
    }
}
